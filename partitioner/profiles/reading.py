"""From the table of a TOML file to a `Profile`; every fault is collected before any is raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from partitioner.errors import Fault, InputError, Text
from partitioner.model import Bounds, Count, CountRange, SliceRule, Weights
from partitioner.profiles.codes import CodeTemplate
from partitioner.profiles.profile import MEASURES, Level, Measure, Norms, Profile, Workload
from partitioner.profiles.staffing_reading import staff_rules
from partitioner.profiles.standards import STANDARDS
from partitioner.profiles.table import Table

FORMAT = "wangge-profile/1"

T = TypeVar("T")


def profile_from_table(contents: Mapping[str, Any], *, file: str) -> Profile:
    """Check and convert.

    Raises
    ------
    InputError
        With every fault: unknown keys by name, missing ones, wrong types, values out of range, levels out of order.
    """
    faults: list[Fault] = []
    table = Table(contents, pointer="", file=file, faults=faults)
    _check_format(table)
    name = table.text("name", "")
    title = _title(table, name)
    levels = tuple(level for item in table.tables("level") if (level := _level(item)) is not None)
    norms = _norms(table.table("norms"))
    workload = _workload(table.table("workload"))
    slices = _slices(table.table("slices"))
    staffing = staff_rules(table.table("staffing"))
    table.refuse_unknown()
    if not faults:
        _check_levels(levels, table)
    if faults:
        raise InputError(faults)
    rule = slices or SliceRule()
    return Profile(
        name=name, title=title, levels=levels, norms=norms, slices=rule, workload=workload, staffing=staffing
    )


def _check_format(table: Table) -> None:
    found = table.text("format", "")
    if found and found != FORMAT:
        table.fault(
            "format",
            "format_version",
            Text(f"格式版本应为 {FORMAT}", f"the format must be {FORMAT}"),
            Text("请使用与本程序相配的规则模板", "Use a profile made for this version of the program"),
        )


def _title(table: Table, default: str) -> Text:
    return Text(table.text("title_zh", default, required=False), table.text("title_en", default, required=False))


def _level(table: Table) -> Level | None:
    name = table.text("name", "")
    title = _title(table, name)
    bounds = _bounds(table.table("bounds", required=True))
    template = _code(table)
    weights = _weights(table.table("weights"))
    count = _count(table.table("count"))
    max_walk_m = table.number("max_walk_m", None)
    measure = _measure(table)
    line_price = table.number("line_price", None)
    table.refuse_unknown()
    if bounds is None or template is None or weights is None or count is None:
        return None
    return Level(
        name=name,
        title=title,
        bounds=bounds,
        code=template,
        weights=weights,
        count=count,
        max_walk_m=max_walk_m,
        measure=measure,
        line_price=line_price,
    )


def _code(table: Table) -> CodeTemplate | None:
    """A template, or the name of a standard with the object code that it may want."""
    code = table.text("code", "")
    managed = table.text("code_object", "", required=False) or None
    standard = STANDARDS.get(code)
    if standard is not None:
        return _valid(table, "code", lambda: standard.filled(managed))
    if managed is not None:
        table.fault(
            "code_object",
            "code_object_unused",
            Text("code_object 只用于按标准名给出的编码", "code_object belongs to codes that name a standard"),
            Text(f"可用的标准：{'、'.join(STANDARDS)}", f"Standards are {', '.join(STANDARDS)}"),
        )
    return _valid(table, "code", lambda: CodeTemplate(code)) if code else None


def _measure(table: Table) -> Measure:
    name = table.text("measure", MEASURES[0], required=False)
    for measure in MEASURES:
        if name == measure:
            return measure
    table.fault(
        "measure",
        "measure_unknown",
        Text(f"measure 应为 {'、'.join(MEASURES)} 之一", f"measure must be one of {', '.join(MEASURES)}"),
        Text("请改正该值", "Correct the value"),
        name,
    )
    return MEASURES[0]


def _bounds(table: Table) -> Bounds | None:
    low, high = table.integer("min", required=True), table.integer("max", required=True)
    target = table.number("target", None)
    table.refuse_unknown()
    if low is None or high is None:
        return None
    if low > high:
        table.fault(
            "min",
            "bounds_order",
            Text(f"下限 {low} 大于上限 {high}", f"min {low} is above max {high}"),
            Text("请对调或改正", "Swap or correct them"),
        )
        return None
    if target is not None and not low <= target <= high:
        table.fault(
            "target",
            "target_outside_bounds",
            Text(f"目标户数应在 {low} 与 {high} 之间", f"the target must lie between {low} and {high}"),
            Text("请修改目标或上下限", "Change the target or the bounds"),
        )
        return None
    return _valid(table, "", lambda: Bounds(min=low, max=high, target=target))


def _weights(table: Table) -> Weights | None:
    default = Weights()
    values: dict[str, Any] = {
        key: table.number(key, getattr(default, key)) for key in ("walk", "walk_power", "split", "balance", "move")
    }
    table.refuse_unknown()
    return _valid(table, "", lambda: Weights(**values))


def _count(table: Table) -> Count | None:
    low, high = table.integer("min"), table.integer("max")
    table.refuse_unknown()
    return _valid(table, "", lambda: Count(default=CountRange(min=low, max=high)))


def _workload(table: Table) -> Workload:
    default = Workload()
    household = table.number("household", default.household)
    resident = table.number("resident", default.resident)
    table.refuse_unknown()
    return Workload(
        household=default.household if household is None else household,
        resident=default.resident if resident is None else resident,
    )


def _norms(table: Table) -> Norms:
    keys = ("community_workers_per_10000_residents", "residents_per_household", "full_time_workers_per_grid")
    norms = Norms(**{key: table.number(key, None) for key in keys})
    table.refuse_unknown()
    return norms


def _slices(table: Table) -> SliceRule | None:
    default = SliceRule()
    values: dict[str, Any] = {}
    for key in (
        "homes_per_floor",
        "lift_homes_per_floor",
        "floors_assumed",
        "lift_floors_assumed",
        "lift_above_households",
        "lift_from_floors",
        "whole_up_to",
    ):
        value = table.integer(key)
        values[key] = getattr(default, key) if value is None else value
    for key in ("stairs_m_per_floor", "lift_m_per_floor"):
        values[key] = table.number(key, getattr(default, key))
    table.refuse_unknown()
    return _valid(table, "", lambda: SliceRule(**values))


def _valid(table: Table, key: str, make: Callable[[], T]) -> T | None:
    """`make()`, or None after noting why the values contradict each other."""
    try:
        return make()
    except ValueError as error:
        table.fault(
            key,
            "value_invalid",
            Text(f"取值不成立（{error}）", f"invalid ({error})"),
            Text("请改正该值", "Correct the value"),
        )
        return None


def _check_levels(levels: tuple[Level, ...], table: Table) -> None:
    if not levels:
        table.fault(
            "level",
            "levels_missing",
            Text("没有定义任何层级", "no level is defined"),
            Text("请至少写一个 [[level]]", "Write at least one [[level]]"),
        )
    for i, level in enumerate(levels):
        pointer = f"level/{i}"
        if level.name in {other.name for other in levels[:i]}:
            table.fault(
                f"{pointer}/name",
                "level_duplicate",
                Text(f"层级 {level.name} 重复", f"the level {level.name} stands twice"),
                Text("每个层级只写一次", "Write each level once"),
            )
        wider = levels[i - 1]
        if i and level.measure == wider.measure and level.bounds.max > wider.bounds.max:
            table.fault(
                f"{pointer}/bounds/max",
                "levels_order",
                Text("下级的上限大于上级的上限", "the level allows more households than the one above it"),
                Text("层级请从大到小排列", "Order the levels from the widest to the narrowest"),
            )
