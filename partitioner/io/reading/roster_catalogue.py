"""Every fault and notice that reading a roster can tell, beside those of `catalogue`."""

from __future__ import annotations

from partitioner.io.reading.catalogue import Entry

ROSTER_CATALOGUE: dict[str, Entry] = {
    "staff_table_missing": Entry(
        "没有认出人员花名册（读到：{seen}）",
        "no table of staff was recognised (seen: {seen})",
        "请在表头写明“工号”“职务”，或用 --column number=列名 指明",
        "name columns 工号/number and 职务/role, or say --column number=HEADING",
    ),
    "sheet_ignored": Entry(
        "不像人员表，没有使用", "it does not look like a table of staff; not used", "无需处理", "nothing to do"
    ),
    "number_column_missing": Entry(
        "没有工号列（读到：{headings}）",
        "there is no column of staff numbers (seen: {headings})",
        "请补上“工号”列，或用 --column number=列名 指明；不需要姓名",
        "add a column 工号/number, or say --column number=HEADING; names are not needed",
    ),
    "number_blank": Entry("没有工号", "there is no staff number", "请补填工号", "fill in the staff number"),
    "number_twice": Entry(
        "工号重复，首见 {other}",
        "the staff number is used twice, first at {other}",
        "请给每个人唯一的工号；一人多岗请写在一行的“最多岗位”",
        "give everybody a number of their own; several posts of one person go into one row (max_posts)",
    ),
    "role_column_missing": Entry(
        "没有职务列，工作表名也不是职务（读到：{headings}）",
        "there is no column of roles, and the sheet is not named after one (seen: {headings})",
        "请补上“职务”列；可用：{roles.zh}",
        "add a column 职务/role; roles are: {roles.zh}",
    ),
    "staff_role_blank": Entry(
        "没有职务", "there is no role", "请填写职务；可用：{roles.zh}", "fill it in; roles are: {roles.en}"
    ),
    "staff_role_unknown": Entry(
        "规则中没有这个职务", "the profile has no such role", "可用：{roles.zh}", "roles are: {roles.en}"
    ),
    "capacity_text": Entry(
        "容量不是数字",
        "the capacity is not a number",
        "请填正数；留空取规则中的容量",
        "use a positive number, or leave it blank",
    ),
    "capacity_range": Entry(
        "容量应大于 0 且不超过 {limit}",
        "the capacity must be above 0 and at most {limit}",
        "请改正；留空取规则中的容量",
        "correct it; blank takes that of the profile",
    ),
    "posts_count": Entry(
        "不是可用的整数",
        "this is not a usable whole number",
        "请填 0 或正整数",
        "use 0 or a positive number",
    ),
    "posts_order": Entry(
        "最少岗位多于最多岗位", "the fewest posts are more than the most", "请改正其中一项", "correct one of them"
    ),
    "party_unknown": Entry(
        "看不出是不是党员，按不是处理",
        "it does not say whether a party member; taken as none",
        "请填 是/否、党员/群众",
        "use yes or no",
    ),
    "area_unknown": Entry(
        "方案中没有这个社区或范围{near.zh}",
        "the plan has no such community or area{near.en}",
        "请填社区名称或编码、街道、小区、网格编码",
        "use the name or code of a community, a township, a compound, or the code of a grid",
    ),
    "area_ambiguous": Entry(
        "这个名称指多个范围（{several}）",
        "the name means several areas ({several})",
        "请改填编码",
        "use its code",
    ),
    "target_unknown": Entry(
        "方案中没有这个对象{near.zh}",
        "it names nothing in the plan{near.en}",
        "{hint_zh}",
        "{hint_en}",
    ),
    "target_of_other_level": Entry(
        "该对象的层级与职务“{role.zh}”不符",
        "it is not of the level that a {role.en} serves",
        "请填 {level} 一级的编码",
        "use a code of the level {level}",
    ),
    "building_unknown": Entry(
        "方案中没有这栋楼{near.zh}",
        "the plan has no such building{near.en}",
        "请填楼栋编号，或同时填小区和楼号",
        "use the id of the building, or compound and number",
    ),
    "building_ambiguous": Entry(
        "多栋楼都叫这个名称（{several}）",
        "several buildings are called so ({several})",
        "请改填楼栋编号",
        "use the id of the building",
    ),
    "area_near": Entry(
        "按名称认定为 {found}", "taken as {found} by its name", "如不对，请改填编码", "if that is wrong, use its code"
    ),
    "address_matched": Entry(
        "住址按小区和楼号认定为 {found}",
        "the address was taken as {found}, by compound and number",
        "如不对，请填“居住楼栋”（楼栋编号）",
        "if that is wrong, fill in the id of the building (居住楼栋)",
    ),
    "address_unmatched": Entry(
        "住址对不上任何楼栋，距离未知",
        "the address fits no building; metres are unknown",
        "如需计算距离，请填“居住楼栋”或坐标",
        "fill in 居住楼栋 or coordinates if metres matter",
    ),
    "staff_outside": Entry(
        "住处在县域以外 {distance_km} 公里",
        "home lies {distance_km} km outside the county",
        "请检查坐标和坐标系（如应为 gcj02 或 bd09）；不在县内居住的请留空",
        "check the position and its system (perhaps gcj02 or bd09); leave it blank for those who live elsewhere",
    ),
    "coordinates_unused": Entry(
        "方案没有坐标系，坐标没有使用，距离未知",
        "the plan has no coordinate system; positions were not used, metres are unknown",
        "如需计算距离，请用 wangge plan 输出的目录",
        "staff a folder written by wangge plan if metres matter",
    ),
}
"""Code → sentences. Codes are stable; `docs/reference/roster.md` lists them all."""
