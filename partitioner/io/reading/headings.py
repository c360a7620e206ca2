"""Which column is what: Chinese and English names of every field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from partitioner.io.reading.findings import Findings
from partitioner.io.reading.layers import Heading, Layer

BUILDING_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "id": (
        ("id",),
        (
            "楼栋编码", "楼栋编号", "楼栋代码", "楼栋id", "building_id", "buildingid", "建筑编码", "建筑编号",
            "房屋编码", "房屋编号",
        ),
        (
            "编号", "编码", "代码", "code", "uid", "唯一编码", "统一编码", "标识码", "bldg_id", "楼宇编码",
            "楼宇编号", "building_code",
        ),
        ("osm_id", "fid_1", "bsm"),
    ),
    "number": (
        ("楼号", "楼栋号", "栋号", "幢号", "楼栋", "building_no", "building_number", "楼幢号", "座号", "号楼"),
        ("楼宇", "building", "幢", "栋"),
    ),
    "name": (
        ("name", "名称", "楼栋名称", "楼名", "building_name", "建筑名称", "楼宇名称", "房屋名称"),
        ("地址", "address", "门牌"),
    ),
    "households": (
        ("households", "户数"),
        (
            "居民户数", "住户数", "常住户数", "总户数", "家庭户数", "实有户数", "户籍户数", "入住户数", "住宅户数",
            "住户", "household", "hh", "dwellings", "num_households", "household_count", "flats", "居住户数",
            "户", "总住户数", "现有户数",
            "住宅套数", "套数",
        ),
    ),
    "residents": (
        ("residents", "人口", "人口数"),
        (
            "常住人口", "居民人数", "人数", "实有人口", "总人口", "总人数", "population", "people", "居民数",
            "persons", "常住人口数",
        ),
    ),
    "compound": (
        ("compound", "小区", "小区名称", "所属小区", "compound_name"),
        ("小区名", "estate", "所在小区", "楼盘", "楼盘名称", "住宅小区", "院落", "物业小区"),
    ),
    "community": (
        ("community", "社区", "社区名称", "所属社区"),
        (
            "社区编码", "社区代码", "社区编号", "社区名", "所在社区", "community_id", "community_name",
            "community_code", "村居", "村(社区)", "社区(村)", "所属村居", "居委会", "村社区", "社区村", "所属村社区",
        ),
    ),
    "stairwells": (
        ("stairwells", "单元数", "单元数量"),
        ("单元", "楼门数", "stairwell", "num_stairwells", "单元个数", "楼道数", "entrances"),
    ),
    "floors": (
        ("floors", "层数", "楼层数"),
        (
            "楼层", "地上层数", "总层数", "number_of_floors", "num_floors", "levels", "storeys", "stories",
            "building_levels", "建筑层数", "floor",
        ),
    ),
    "previous_grid": (
        ("previous_grid", "原网格", "原网格编号"),
        (
            "原网格编码", "原网格名称", "现网格", "网格", "网格编号", "网格编码", "网格名称", "所属网格",
            "所在网格", "grid", "previous", "grid_id",
        ),
    ),
    "special": (("special", "专属网格"), ("专属", "special_grid", "专属网格名称", "专属网格类型")),
    "township": (
        ("township", "街道", "乡镇"),
        (
            "街道名称", "乡镇名称", "所属街道", "所属乡镇", "街道乡镇", "乡镇街道", "镇街", "街镇", "乡镇办",
            "所在街道", "所在乡镇", "township_name", "township_code", "街道编码", "乡镇编码", "街道代码", "乡镇代码",
            "镇", "subdistrict",
        ),
    ),
    "home_township": (
        ("home_township", "户籍乡镇"),
        ("户籍街道", "户籍所在乡镇", "户籍所在街道", "户籍所属乡镇", "户籍乡镇街道", "户籍地乡镇"),
    ),
    "workload": (("workload", "工作量"), ("工作负荷", "工作量分", "工作量分值", "work_load")),
    "elderly": (
        ("elderly", "老年人", "老年人数"),
        ("老年人口", "老人数", "60岁以上", "60岁以上人口", "65岁以上", "65岁以上人口", "老人", "seniors"),
    ),
    "special_care": (
        ("special_care", "特殊人群", "重点人群"),
        ("特殊人群数", "重点人员", "重点人群数", "帮扶对象", "特殊群体", "关爱对象", "重点关注人群"),
    ),
    "lifts": (("lifts", "电梯", "电梯数"), ("lift", "elevator", "elevators", "有无电梯", "是否有电梯", "电梯数量")),
    "events": (("events", "事件数", "年事件数"), ("事件", "年均事件数", "上报事件数", "网格事件数", "events_per_year")),
}  # fmt: skip
"""Names of the columns of a building ledger, tier by tier: an earlier tier wins over a later one."""

COMPOUND_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "id": (("id", "小区编码", "小区编号", "小区代码", "compound_id"), ("编号", "编码", "代码", "code")),
    "name": (
        ("name", "小区名称", "名称", "小区", "compound", "compound_name"),
        ("小区名", "楼盘", "楼盘名称", "项目名称", "estate", "住宅小区", "物业小区"),
    ),
    "households": BUILDING_FIELDS["households"],
    "buildings": (
        ("buildings", "楼栋数", "栋数", "幢数"),
        ("楼栋数量", "楼数", "总栋数", "楼栋总数", "num_buildings", "座数", "building_count", "楼栋", "楼幢数"),
    ),
    "residents": BUILDING_FIELDS["residents"],
    "community": BUILDING_FIELDS["community"],
    "floors": BUILDING_FIELDS["floors"],
    "previous_grid": BUILDING_FIELDS["previous_grid"],
    "township": BUILDING_FIELDS["township"],
    "home_township": BUILDING_FIELDS["home_township"],
    "workload": BUILDING_FIELDS["workload"],
}
"""Names of the columns of a compound ledger."""

COMMUNITY_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "id": (
        ("id", "社区编码", "社区代码", "社区编号", "community_id", "community_code"),
        ("编号", "编码", "代码", "code", "区划代码", "行政区划代码"),
    ),
    "name": (
        ("name", "社区名称", "名称", "社区", "community", "community_name"),
        ("社区名", "村居", "村居名称", "居委会", "nom"),
    ),
    "township": BUILDING_FIELDS["township"],
}
"""Names of the columns of a layer of communities."""

BARRIER_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "kind": (
        ("kind", "类型", "类别", "种类", "障碍类型"),
        ("type", "fclass", "class", "等级", "道路等级", "highway", "railway", "waterway"),
    ),
    "crossing": (("crossing", "通行", "能否通行", "可否通行", "阻隔"), ("通行性", "通过性", "是否可通行")),
}
"""Names of the columns of a layer of barriers."""

BOUNDARY_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "name": (("name", "名称", "县名", "区名"), ("nom", "县区", "行政区"))
}
"""Names of the columns of a county outline."""

_BUILDING_NAMED = {name: BUILDING_FIELDS[name] for name in ("id", "compound", "number")}

FLOOR_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    **_BUILDING_NAMED,
    "stairwell": (
        ("stairwell", "单元", "单元号", "楼门", "楼门号"),
        ("单元编号", "单元名称", "单元序号", "stairwell_no", "stairwell_number", "entrance", "门洞"),
    ),
    "floor": (("floor", "楼层", "层"), ("楼层号", "层号", "所在楼层", "所在层", "storey", "story", "level")),
    "floors": (("floors", "层数", "楼层数"), ("总层数", "地上层数", "单元层数", "num_floors", "storeys", "stories")),
    "room": (
        ("room", "户室号", "室号", "房号"),
        ("户号", "房间号", "户室", "房室号", "房屋号", "room_no", "room_number"),
    ),
    "households": BUILDING_FIELDS["households"],
}
"""Names of the columns of a stairwell ledger."""

CORRIDOR_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    **_BUILDING_NAMED,
    "stairwell_a": (("stairwell_a", "单元a", "单元甲", "单元1", "单元一"), ("起单元", "甲单元", "from_stairwell")),
    "stairwell_b": (("stairwell_b", "单元b", "单元乙", "单元2", "单元二"), ("止单元", "乙单元", "to_stairwell")),
    "floor": FLOOR_FIELDS["floor"],
}
"""Names of the columns of a table of corridors."""

STAFF_FIELDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "number": (
        ("number", "工号", "人员编号", "staff_no"),
        (
            "编号", "编码", "人员编码", "人员代码", "网格员编号", "员工编号", "staff_id", "person_id", "id",
            "staff_number",
        ),
    ),
    "name": (("name", "姓名"), ("人员姓名", "网格员姓名")),
    "role": (
        ("role", "职务"),
        (
            "类别", "岗位", "人员类别", "职务类别", "角色", "身份", "人员类型", "岗位类别", "岗位名称", "post",
            "position",
        ),
    ),
    "organisation": (
        ("organisation", "单位"),
        (
            "所属单位", "工作单位", "所在单位", "部门", "支部", "党支部", "用人单位", "organization", "employer",
            "department",
        ),
    ),
    "building": (
        ("home_building", "居住楼栋"),
        ("楼栋", "楼栋编号", "楼栋编码", "楼号", "楼栋号", "住所楼栋", "building", "building_id", "home"),
    ),
    "compound": (("home_compound", "居住小区"), ("小区", "小区名称", "所在小区", "compound")),
    "address": (("address", "住址"), ("家庭住址", "居住地址", "现住址", "居住地", "住所", "常住地址")),
    "areas": (
        ("areas", "可服务社区"),
        ("服务社区", "可服务范围", "服务范围", "可服务区域", "服务区域"),
        ("所属社区", "所在社区", "社区", "社区名称", "community"),
    ),
    "capacity": (("capacity", "容量"), ("承担能力", "可承担户数", "工作能力", "负荷能力")),
    "min_posts": (("min_posts", "最少岗位"), ("最少网格数", "岗位下限", "min_targets")),
    "max_posts": (("max_posts", "最多岗位"), ("最多网格数", "岗位上限", "最多对象数", "max_targets")),
    "tags": (("tags", "标签"), ("人员标签",)),
    "skills": (("skills", "特长"), ("专长", "技能", "特长技能")),
    "party": (("party", "党员"), ("是否党员", "政治面貌", "party_member", "是否中共党员")),
    "previous": (
        ("previous", "现负责网格"),
        (
            "现网格", "负责网格", "原网格", "现负责对象", "现负责", "现服务网格", "现包联对象", "现包联", "包联对象",
            "previous_targets", "current_targets", "current",
        ),
    ),
    "avoid": (("avoid", "回避"), ("回避网格", "回避范围", "需回避", "回避对象", "回避社区")),
    "locked": (("locked", "锁定"), ("固定网格", "锁定网格", "固定对象", "锁定对象")),
}  # fmt: skip
"""Names of the columns of a roster of staff."""

FIELDS: dict[str, dict[str, tuple[tuple[str, ...], ...]]] = {
    "buildings": BUILDING_FIELDS,
    "compounds": COMPOUND_FIELDS,
    "communities": COMMUNITY_FIELDS,
    "barriers": BARRIER_FIELDS,
    "boundary": BOUNDARY_FIELDS,
    "floors": FLOOR_FIELDS,
    "corridors": CORRIDOR_FIELDS,
    "staff": STAFF_FIELDS,
}
"""The fields of every role."""

_BRACKETS = re.compile(r"[(\[{【〔<《].*?[)\]}】〕>》]")
_SEPARATORS = re.compile(r"[\s_\-./:：、,;*#'\"“”‘’]+")
_YEAR = re.compile(r"^(19|20)\d\d年?(末|底|度)?")


@dataclass(frozen=True, kw_only=True)
class Match:
    """A column that may be a field: the smaller `rank`, the surer."""

    column: int
    rank: tuple[int, ...]


def normalised(text: str) -> str:
    """A heading without width, case, blanks, separators and bracketed measures."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    bare = _SEPARATORS.sub("", _BRACKETS.sub("", narrow))
    return _YEAR.sub("", bare) or _SEPARATORS.sub("", narrow)


def _table(fields: Mapping[str, Sequence[Sequence[str]]]) -> dict[str, dict[str, int]]:
    """field -> normalised name -> tier."""
    return {
        field: {normalised(name): tier for tier, names in reversed(list(enumerate(tiers))) for name in names}
        for field, tiers in fields.items()
    }


_TABLES = {role: _table(fields) for role, fields in FIELDS.items()}
KNOWN_HEADINGS = frozenset(name for table in _TABLES.values() for names in table.values() for name in names)
"""Every recognised heading, normalised."""


def match_fields(
    layer: Layer, role: str, declared: Mapping[str, str], findings: Findings, *, report: bool = True
) -> dict[str, int]:
    """From field to column of a layer.

    A declared heading wins. Otherwise the earliest tier wins; within a tier the heading that is written exactly like
    the name; two that are equally good are a fault.

    Parameters
    ----------
    declared : mapping from field to heading
        Headings that this layer does not have are left to the caller, who knows the other layers.
    report : bool
        Whether ambiguous headings become faults (False when a role is only being tried).
    """
    found: dict[str, int] = {}
    for field, names in _TABLES.get(role, {}).items():
        column = declared_column(layer, declared.get(field))
        if column is not None:
            found[field] = column
            continue
        matches = sorted(_matches(layer.headings, names), key=lambda match: (match.rank, match.column))
        if not matches:
            continue
        best = [match for match in matches if match.rank == matches[0].rank]
        if len(best) > 1 and report:
            shown = ", ".join(layer.headings[match.column].text for match in best)
            findings.fault("heading_ambiguous", layer.place(), shown, field=field)
        elif len(matches) > 1 and report and field == "households":
            others = ", ".join(layer.headings[match.column].text for match in matches[1:])
            findings.notice("heading_chosen", layer.place(None, best[0].column), field=field, others=others)
        found[field] = best[0].column
    return found


def declared_column(layer: Layer, wanted: str | None) -> int | None:
    """The column with a declared heading, matched exactly or else by its normalised form; None if there is none."""
    if wanted is None:
        return None
    texts = [{heading.text, heading.parts[-1]} for heading in layer.headings]
    exact = [column for column, names in enumerate(texts) if wanted in names]
    alike = [column for column, names in enumerate(texts) if normalised(wanted) in {normalised(name) for name in names}]
    return next(iter(exact + alike), None)


def _matches(headings: Sequence[Heading], names: Mapping[str, int]) -> list[Match]:
    found = []
    for column, heading in enumerate(headings):
        rank = _rank(heading, names)
        if rank is not None:
            found.append(Match(column=column, rank=rank))
    return found


def _rank(heading: Heading, names: Mapping[str, int]) -> tuple[int, ...] | None:
    """(tier, level, exactness): lower levels of a two-level heading are more specific than upper ones."""
    candidates = [heading.parts[-1]] if heading.parts else []
    if len(heading.parts) > 1:
        candidates += ["".join(heading.parts[-2:])]
    for level, text in enumerate(candidates):
        name = normalised(text)
        if name in names:
            return names[name], level, int(unicodedata.normalize("NFKC", text).casefold().strip() != name)
        if heading.truncated and len(name) >= 2 and len(text.encode()) >= 8:
            tiers = [tier for known, tier in names.items() if known.startswith(name)]
            if tiers:
                return min(tiers) + 10, level, 1
    return None
