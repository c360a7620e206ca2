"""Every fault and notice that reading can tell: what was found and what to do, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """Sentences of one code; ``{gaps}`` are filled where it is told."""

    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


CATALOGUE: dict[str, Entry] = {
    # Files
    "nothing_given": Entry(
        "没有给出任何文件", "no file was given", "请给出台账或地图的路径", "name the ledger or the map"
    ),
    "file_missing": Entry(
        "文件或文件夹不存在", "there is no such file or folder", "请检查路径和文件名", "check the path and its spelling"
    ),
    "file_unreadable": Entry(
        "无法读取（{reason}）",
        "cannot be read ({reason})",
        "请检查权限，并关闭占用该文件的程序",
        "check its permissions and close programs that hold it",
    ),
    "faults_too_many": Entry(
        "问题太多，另有 {more} 处未逐条列出（{rules}）",
        "so many faults that {more} more are only counted ({rules})",
        "若几乎每行都有问题，请检查文件是否正确、表头与列是否对应",
        "if nearly every row is wrong, check whether this is the right file and what its columns are",
    ),
    "file_empty": Entry("文件是空的（0 字节）", "the file is empty (0 bytes)", "请重新导出", "export it again"),
    "file_huge": Entry(
        "文件超过 {limit} 字节",
        "the file is larger than {limit} bytes",
        "请拆分文件，或改用 GeoPackage",
        "split it, or use a GeoPackage",
    ),
    "file_kind_unknown": Entry(
        "不认识这种文件", "this kind of file is not read", "请转换为以下之一：{kinds}", "convert it to one of: {kinds}"
    ),
    "file_not_of_kind": Entry(
        "不是完好的 {kind} 文件（{reason}）",
        "this is not a sound {kind} file ({reason})",
        "请用原软件打开并另存为该格式，不要只改扩展名",
        "open it in its own program and save it in that format; renaming is not enough",
    ),
    "file_password": Entry(
        "文件有密码保护",
        "the file is protected by a password",
        "请在 Excel 中取消密码后另存",
        "remove the password in Excel and save it again",
    ),
    "folder_without_data": Entry(
        "文件夹里没有可读的数据",
        "the folder holds no data that can be read",
        "请放入以下格式之一：{kinds}",
        "put in one of: {kinds}",
    ),
    "json_broken": Entry(
        "JSON 不完整或有语法错误（{reason}）",
        "the JSON is broken ({reason})",
        "请重新导出 GeoJSON",
        "export the GeoJSON again",
    ),
    "encoding_unknown": Entry(
        "文字编码既不是 UTF-8 也不是 GB18030",
        "the text is neither UTF-8 nor GB18030",
        "请另存为 UTF-8",
        "save it as UTF-8",
    ),
    "encoding_guessed": Entry(
        "没有 .cpg，按 {encoding} 读取文字",
        "there is no .cpg; the text was read as {encoding}",
        "如有乱码，请补上 .cpg 文件",
        "if letters look wrong, add a .cpg file",
    ),
    "shapefile_incomplete": Entry(
        "Shapefile 缺少 {missing}",
        "the shapefile lacks {missing}",
        "请把同名的 .shp、.shx、.dbf、.prj 放在一起",
        "keep .shp, .shx, .dbf and .prj of one name together",
    ),
    "zip_without_shapefile": Entry(
        "压缩包里没有 Shapefile",
        "the zip holds no shapefile",
        "请解压后给出文件，或只压缩一个 Shapefile",
        "unpack it, or zip a shapefile",
    ),
    "sheet_huge": Entry(
        "工作表伸展得太远，连同空格超过 {limit} 格",
        "the sheet reaches too far: with its empty cells it holds more than {limit}",
        "请删除数据以外的行和列后另存（最后一格见取值）",
        "delete the rows and columns beyond the data and save it again (its last cell is the value)",
    ),
    "sheet_hidden": Entry(
        "隐藏的工作表没有读取", "a hidden sheet was not read", "如需要，请取消隐藏", "unhide it if it is needed"
    ),
    # Tables
    "table_wide": Entry(
        "超过 {limit} 列", "it has more than {limit} columns", "请只保留需要的列", "keep the columns that are needed"
    ),
    "table_empty": Entry(
        "没有数据行",
        "there are no rows of data in it",
        "请检查是否选错了文件或工作表",
        "check that it is the right file or sheet",
    ),
    "table_without_rows": Entry(
        "只有表头，没有数据行", "there are headings but no rows", "请检查导出的范围", "check what was exported"
    ),
    "row_total": Entry("合计行没有计入", "a row of totals was left out", "无需处理", "nothing to do"),
    "row_note": Entry("备注行没有计入", "a footnote was left out", "无需处理", "nothing to do"),
    "row_heading": Entry("重复的表头没有计入", "a repeated heading was left out", "无需处理", "nothing to do"),
    "row_too_long": Entry(
        "这一行的列数比表头多",
        "the row has more cells than there are headings",
        "请检查是否有多余的分隔符，或给含分隔符的文字加引号",
        "look for a stray separator, or quote texts that hold one",
    ),
    "heading_ambiguous": Entry(
        "多列都像“{field}”",
        "several columns look like “{field}”",
        "请用 --column {field}=列名 指明一列",
        "name one with --column {field}=HEADING",
    ),
    "heading_chosen": Entry(
        "作为“{field}”使用；另有 {others}",
        "used as “{field}”; there are also {others}",
        "如不对，请用 --column {field}=列名 指明",
        "if that is wrong, name the column with --column {field}=HEADING",
    ),
    "field_unknown": Entry(
        "--column 中没有这个字段", "--column names no such field", "可用字段：{fields}", "fields are: {fields}"
    ),
    "column_missing": Entry(
        "找不到指明为“{field}”的列",
        "no column has the heading declared for “{field}”",
        "读到的图层和列：{seen}",
        "layers and columns seen: {seen}",
    ),
    "target_missing": Entry(
        "--role 或 --crs 指明的文件或图层不存在",
        "--role or --crs names a file or layer that is not there",
        "读到的图层和列：{seen}",
        "layers and columns seen: {seen}",
    ),
    # Roles
    "role_unknown": Entry(
        "不认识这个用途",
        "this role is unknown",
        "可用：{roles}；障碍可写 barriers:hard 或 barriers:soft:road",
        "roles are: {roles}; barriers may say barriers:hard or barriers:soft:road",
    ),
    "layer_ignored": Entry(
        "看不出用途，没有使用（列：{headings}）",
        "nothing tells what it is for; not used (columns: {headings})",
        "如需要，请用 --role 图层=用途 指明",
        "declare it with --role LAYER=ROLE if it is needed",
    ),
    "staff_unused": Entry(
        "人员表已识别，划分网格时不使用", "a staff table; drawing grids does not use it", "无需处理", "nothing to do"
    ),
    "compounds_unused": Entry(
        "楼栋已有户数，小区台账没有使用",
        "buildings carry households; the compound ledger was not used",
        "无需处理",
        "nothing to do",
    ),
    "nothing_recognised": Entry(
        "没有认出楼栋或小区",
        "neither buildings nor compounds were recognised",
        "读到：{seen}。请用 --role 图层=buildings 和 --column households=列名 指明",
        "seen: {seen}. Declare them with --role LAYER=buildings and --column households=HEADING",
    ),
    # Numbers and codes
    "households_column_missing": Entry(
        "没有户数列（读到：{headings}）",
        "there is no column of households (seen: {headings})",
        "请补上“户数”列，或用 --column households=列名 指明",
        "add a column 户数/households, or name it with --column households=HEADING",
    ),
    "households_negative": Entry(
        "户数是负数", "households are negative", "请改为 0 或正整数", "use 0 or a positive whole number"
    ),
    "households_text": Entry(
        "户数不是数字",
        "households are not a number",
        "请填整数；无人居住请填 0 或留空",
        "use a whole number; 0 or blank where nobody lives",
    ),
    "households_fraction": Entry("户数不是整数", "households are not a whole number", "请填整数", "use a whole number"),
    "households_huge": Entry(
        "户数超过 {limit}",
        "there are more than {limit} households",
        "请检查是否填错列或多写了位数",
        "check for a wrong column or extra digits",
    ),
    "households_merged": Entry(
        "几行合并共用一个户数",
        "several rows share one merged number of households",
        "请取消合并，逐栋填写",
        "unmerge the cells and fill in each building",
    ),
    "households_missing": Entry(
        "小区没有户数", "the compound has no households", "请填写户数，或删除该行", "fill them in, or delete the row"
    ),
    "households_blank": Entry(
        "{rows} 行户数为空，按无人居住处理",
        "{rows} rows without households, taken as nobody living there",
        "如有人居住，请补填",
        "fill them in where people live",
    ),
    "number_negative": Entry("“{field}”是负数", "“{field}” is negative", "请改为正整数", "use a positive whole number"),
    "number_text": Entry("“{field}”不是数字", "“{field}” is not a number", "请填整数", "use a whole number"),
    "number_fraction": Entry("“{field}”不是整数", "“{field}” is not a whole number", "请填整数", "use a whole number"),
    "number_huge": Entry(
        "“{field}”超过 {limit}", "“{field}” is above {limit}", "请检查是否多写了位数", "check for extra digits"
    ),
    "number_merged": Entry(
        "几行合并共用一个“{field}”",
        "several rows share one merged “{field}”",
        "请取消合并，逐行填写",
        "unmerge the cells and fill in each row",
    ),
    "number_left_out": Entry(
        "“{field}”不是可用的整数，按空处理",
        "“{field}” is not a usable whole number; taken as blank",
        "如需要，请改为整数",
        "use a whole number if it is needed",
    ),
    "code_digits_lost": Entry(
        "编码存成了数字，超过 15 位的部分已经丢失",
        "the code was stored as a number; its digits beyond the fifteenth are lost",
        "请把该列设为文本格式，再重新填入编码",
        "format the column as text and enter the codes again",
    ),
    "code_scientific": Entry(
        "编码变成了科学计数法，位数已经丢失",
        "the code is in scientific notation; digits are lost",
        "请把该列设为文本格式，再重新填入编码",
        "format the column as text and enter the codes again",
    ),
    "code_date": Entry(
        "编码被 Excel 变成了日期",
        "a spreadsheet turned the code into a date",
        "请把该列设为文本格式，再重新填入（如 3-1）",
        "format the column as text and enter it again (such as 3-1)",
    ),
    "id_twice": Entry(
        "编号重复，已用于 {other}",
        "the id is used twice, first at {other}",
        "请给每栋楼唯一的编号",
        "give every building its own id",
    ),
    "id_parted": Entry(
        "编号重复，首见 {other}；这一块改称 {new}",
        "the id is used twice, first at {other}; this part was called {new}",
        "如不是同一栋楼，请改编号",
        "give it its own id if it is another building",
    ),
    "community_blank": Entry(
        "{rows} 栋楼没有社区，自成一类，不会与其他社区同格",
        "{rows} buildings without a community form a class of their own",
        "请补填社区",
        "fill in their community",
    ),
    "communities_without_map": Entry(
        "社区表没有图形，没有使用",
        "a table of communities without polygons was not used",
        "请给出面图层",
        "give polygons",
    ),
    "id_blank": Entry(
        "没有编号，而其他行有", "there is no id, while other rows have one", "请补上编号", "fill in the id"
    ),
    "id_made": Entry(
        "{rows} 栋楼没有编号，已编为 b1、b2……",
        "{rows} buildings without id were called b1, b2 …",
        "如需长期使用，请在台账中加编号列",
        "add a column of ids if plans are to be compared later",
    ),
    # Coordinates
    "crs_unknown": Entry(
        "不认识这个坐标系",
        "this coordinate system is unknown",
        "请写 EPSG 代码（如 EPSG:4547）、gcj02、bd09 或 wgs84",
        "use an EPSG code (such as EPSG:4547), gcj02, bd09 or wgs84",
    ),
    "crs_missing": Entry(
        "坐标是米制的，但没有说明坐标系，也没有带号",
        "positions are in metres, but nothing names their system or zone",
        "请用 --crs EPSG:4547 之类指明（CGCS2000 三度带：4534–4554）",
        "name it, such as --crs EPSG:4547 (CGCS2000 3-degree zones: 4534–4554)",
    ),
    "crs_contradicts": Entry(
        "坐标与声明的坐标系 {crs} 不符",
        "positions do not fit the declared system {crs}",
        "请检查坐标系，必要时用 --crs 指明",
        "check the system; name it with --crs if need be",
    ),
    "crs_assumed_wgs84": Entry(
        "没有说明坐标系，按 WGS84/CGCS2000 处理；如果来自高德或百度地图，会偏 0.5–1.3 公里",
        "no coordinate system is named; taken as WGS84/CGCS2000 (Amap or Baidu would be off by 0.5–1.3 km)",
        "如来自高德/腾讯请声明 gcj02，如来自百度请声明 bd09",
        "declare gcj02 for Amap or Tencent, bd09 for Baidu",
    ),
    "crs_from_zone": Entry(
        "按坐标带号 {zone} 认定为 EPSG:{epsg}",
        "taken as EPSG:{epsg} from the zone {zone} in front of the numbers",
        "如不对，请用 --crs 指明",
        "if that is wrong, name it with --crs",
    ),
    "crs_from_name": Entry(
        "按文件名认定为 {system}",
        "taken as {system} from the name of the file",
        "如不对，请用 --crs 指明",
        "if that is wrong, name it with --crs",
    ),
    "axes_swapped": Entry(
        "坐标是北坐标在前，已对调（{crs}）",
        "northings came first; they were swapped ({crs})",
        "无需处理",
        "nothing to do",
    ),
    "lonlat_swapped_all": Entry(
        "全部 {rows} 行经纬度颠倒，已对调",
        "longitude and latitude were swapped in all {rows} rows; mended",
        "建议在台账中改正",
        "mend the ledger too",
    ),
    "lonlat_swapped": Entry(
        "经纬度颠倒", "longitude and latitude are swapped", "请对调这一行的经度和纬度", "swap the two in this row"
    ),
    "coordinate_text": Entry(
        "坐标不是数字", "the coordinate is not a number", "请填十进制度数或米", "use decimal degrees or metres"
    ),
    "coordinate_range": Entry(
        "坐标超出经纬度范围",
        "the coordinate is outside the range of degrees",
        "请检查小数点和列",
        "check the decimal point and the column",
    ),
    "coordinate_zero": Entry("坐标为 (0, 0)", "the position is (0, 0)", "请填写真实坐标", "fill in the true position"),
    "geometry_missing": Entry(
        "没有位置",
        "there is no position",
        "请补上坐标或图形，或删除该行",
        "add coordinates or a shape, or delete the row",
    ),
    "outside_outline": Entry(
        "在县域边界以外 {distance_km} 公里",
        "lies {distance_km} km outside the outline of the county",
        "请检查坐标和坐标系（如应为 gcj02 或 bd09）",
        "check the position and its system (perhaps gcj02 or bd09)",
    ),
    "outline_crossed": Entry(
        "{rows} 处在县域边界外不远（最多 {most_m} 米），照常使用",
        "{rows} positions lie a little outside the outline (at most {most_m} m) and are used",
        "如有疑问，请检查边界的坐标系（DataV 边界为 gcj02）",
        "in doubt check the system of the outline (outlines from DataV are gcj02)",
    ),
    "coordinates_missing": Entry(
        "没有坐标列（读到：{headings}）",
        "there are no columns of coordinates (seen: {headings})",
        "请补上 经度、纬度 两列",
        "add columns 经度/lon and 纬度/lat",
    ),
    "coordinates_missing_everywhere": Entry(
        "没有任何位置（读到：{seen}）",
        "nothing has a position (seen: {seen})",
        "请在台账中加经度、纬度两列，或同时给出带楼栋图形的地图",
        "add columns 经度/lon and 纬度/lat, or give a map of the buildings too",
    ),
    # Joins and communities
    "join_impossible": Entry(
        "台账与地图没有相同的编号（例：{examples}）",
        "ledger and map share no ids (for example {examples})",
        "请使两边的楼栋编号，或小区加楼号一致",
        "use the same ids, or the same compound and number, in both",
    ),
    "join_ambiguous": Entry(
        "地图中小区加楼号有重复，无法对应台账",
        "compound and number repeat in the map, so that the ledger cannot be joined",
        "请给地图和台账加唯一的楼栋编号",
        "give both a unique id",
    ),
    "row_without_footprint": Entry(
        "台账中的楼栋在地图上找不到",
        "a building of the ledger is not on the map",
        "请改正编号，或在地图上补画",
        "correct the id, or add the building to the map",
    ),
    "footprint_without_row": Entry(
        "地图上 {rows} 栋楼不在台账中，按台账无记录处理",
        "{rows} buildings of the map are not in the ledger",
        "如有人居住，请补入台账",
        "add them to the ledger if people live there",
    ),
    "community_unknown": Entry(
        "社区不在社区图层中（{rows} 行，首见 {first}；已有：{known}）",
        "the community is not in the layer of communities ({rows} rows, first {first}; known: {known})",
        "请改正名称或编码",
        "correct its name or code",
    ),
    "community_unnamed": Entry(
        "社区没有编码也没有名称", "the community has neither id nor name", "请补上", "fill in one of them"
    ),
    "community_without_area": Entry("社区没有面状图形", "the community has no area", "请给出面图层", "give polygons"),
    "community_parts": Entry(
        "有 {rows} 行是同一社区的其他部分，已合并",
        "{rows} rows are further parts of a community; they were joined",
        "无需处理",
        "nothing to do",
    ),
    "community_empty": Entry(
        "社区里没有楼栋",
        "no building lies in the community",
        "请检查社区边界或楼栋台账",
        "check its lines or the ledger",
    ),
    "community_several": Entry(
        "{rows} 栋楼落在几个社区里，取编码最前的",
        "{rows} buildings lie in several communities; the first was taken",
        "请检查社区边界是否重叠",
        "check whether communities overlap",
    ),
    "community_nearest": Entry(
        "{rows} 栋楼不在任何社区内，归入最近的社区",
        "{rows} buildings lie in no community; the nearest was taken",
        "请检查社区边界",
        "check the lines of the communities",
    ),
    "compound_unnamed": Entry("小区没有名称", "the compound has no name", "请补上名称", "fill in its name"),
    "buildings_assumed": Entry(
        "{rows} 个小区没有楼栋数，按 1 栋处理",
        "{rows} compounds without a number of buildings count as one",
        "请补填楼栋数",
        "fill in the number of buildings",
    ),
    "barrier_unknown": Entry(
        "{rows} 个障碍看不出能否通行",
        "nothing tells how {rows} barriers are crossed",
        "请加 crossing 列（hard/soft/open），或用 --role 图层=barriers:hard 指明",
        "add a column crossing (hard/soft/open), or declare it with --role LAYER=barriers:hard",
    ),
    "barrier_without_line": Entry(
        "{rows} 个障碍不是线或面，没有使用",
        "{rows} barriers are neither line nor polygon and were not used",
        "如需要，请补画",
        "draw them if they are needed",
    ),
    "boundary_without_area": Entry(
        "边界图层没有面", "the outline holds no area", "请给出面，或首尾相接的线", "give a polygon, or lines that close"
    ),
    # Stairwells and floors
    "stairwell_column_missing": Entry(
        "没有“{field}”列（读到：{headings}）",
        "there is no column of “{field}” (seen: {headings})",
        "请补上该列，或用 --column {field}=列名 指明",
        "add it, or name it with --column {field}=HEADING",
    ),
    "stairwell_building_unknown": Entry(
        "单元台账或连廊表中的楼栋不在楼栋台账中",
        "the building is not in the ledger of buildings",
        "请使两边的楼栋编号，或小区加楼号一致",
        "use the same ids, or the same compound and number, in both",
    ),
    "stairwell_blank": Entry("“{field}”是空的", "“{field}” is blank", "请补填", "fill it in"),
    "stairwell_number": Entry(
        "“{field}”应为 1 至 {limit} 的整数",
        "“{field}” must be a whole number from 1 to {limit}",
        "请用 1、2、3 …编号；地下层请并入 1 层",
        "number them 1, 2, 3 …; count basements with the first floor",
    ),
    "stairwell_unread": Entry(
        "既不是单元号，也不是单元名称",
        "is neither the number nor the name of a stairwell",
        "请填一个单元：1、一单元、A、甲单元、东单元等；不知道的请核实后再填",
        "name one stairwell: 1, 一单元, A, 甲单元, 东单元; find out where it is not known",
    ),
    "floor_unread": Entry(
        "既不是楼层，也不是楼层范围",
        "is neither a floor nor a range of floors",
        "请填 3、1-6、3至5 或 地上1-18，由低到高；整个单元请留空；地下层请并入 1 层",
        "write 3, 1-6, 3至5 or 地上1-18, from below to above; blank for the whole stairwell; count basements with the "
        "first floor",
    ),
    "stairwells_named": Entry(
        "{rows} 栋楼的单元有名称，内部依次编号（{named}）",
        "the stairwells of {rows} buildings have names and were numbered ({named})",
        "成果中仍用原名称；编号只用于识别码和立面排列（由西向东、由北向南），顺序不对请改用数字编号",
        "results keep the names; the numbers serve ids and the order in drawings (west to east, north to south); if "
        "they are wrong, number the stairwells in the ledger",
    ),
    "stairwell_unnamed": Entry(
        "单元台账中没有这个名称的单元",
        "no row of the stairwell ledger has a stairwell of this name",
        "请使连廊表与单元台账的单元名称一致",
        "use the same names in both",
    ),
    "floors_shared": Entry(
        "{rows} 行是几层合计的户数，已在这些楼层间平均分配",
        "{rows} rows count several floors together; their households were shared evenly among these",
        "如需准确数，请逐层填写",
        "for exact numbers give a row per floor",
    ),
    "room_unread": Entry(
        "看不出这个户室号的楼层",
        "the number of the room does not tell its floor",
        "请写成 1502、2-1502 或 2单元1502（后两位是房号，前面是楼层）",
        "write 1502, 2-1502 or 2单元1502 (the last two digits count the rooms of a floor)",
    ),
    "room_without_stairwell": Entry(
        "看不出这一户在哪个单元",
        "nothing tells the stairwell of this room",
        "请加“单元”列，或写成 2-1502",
        "add a column 单元, or write 2-1502",
    ),
    "room_stairwell": Entry(
        "户室号中的单元与“单元”列不一致",
        "the number of the room names another stairwell than its column",
        "请核对后改正",
        "correct one of the two",
    ),
    "room_twice": Entry(
        "同一户室出现两次",
        "this room stands twice",
        "每户只留一行；按人登记的名册请先按户合并",
        "keep one row per household; join the rows of a register of persons",
    ),
    "stairwell_twice": Entry(
        "同一单元的同一楼层出现两次", "this floor of the stairwell stands twice", "请合并或改正", "join or correct them"
    ),
    "stairwell_mixed": Entry(
        "该单元既有整个单元的户数，又有分层户数",
        "the stairwell has a row for the whole and rows for its floors",
        "请只保留一种",
        "keep one kind",
    ),
    "stairwell_beyond": Entry(
        "“{field}”超出楼栋台账中的 {most}",
        "“{field}” is beyond the {most} that the building has",
        "请核对单元台账与楼栋台账",
        "check the ledger of stairwells against that of buildings",
    ),
    "stairwells_sum": Entry(
        "各单元合计 {total} 户，楼栋台账为 {households} 户",
        "its stairwells hold {total} households, the ledger of buildings says {households}",
        "请使两边一致",
        "make them agree",
    ),
    "households_from_stairwells": Entry(
        "{rows} 栋楼没有户数，按单元台账合计",
        "{rows} buildings without households got the sum of their stairwells",
        "无需处理",
        "nothing to do",
    ),
    "corridor_same": Entry(
        "连廊两端是同一单元", "the corridor joins a stairwell to itself", "请改正单元号", "correct the stairwells"
    ),
    "nobody_lives_here": Entry(
        "没有一栋楼有户数（都为空或 0）",
        "no building has any households (all are blank or 0)",
        "请检查户数列",
        "check the column of households",
    ),
}
"""Code → sentences. Codes are stable; `docs/reference/input-files.md` lists them all."""
