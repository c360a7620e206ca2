"""What bounds count: households, residents or workload, as numbers of the units of a problem."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from partitioner.errors import Fault, InputError, Text
from partitioner.io.assembly import Assembled
from partitioner.model import FloatArray
from partitioner.profiles import Level, Profile

_SHOWN = 20

_NAMES = {
    "households": Text("户数", "households"),
    "residents": Text("人口", "residents"),
    "workload": Text("工作量", "workload"),
}


def with_measure(assembled: Assembled, level: Level, profile: Profile) -> Assembled:
    """`assembled` with what `level` counts as the households of its units, whatever these were before.

    Residents that the ledger lacks are households times `Norms.residents_per_household`; workload that it lacks is
    households and residents times `Profile.workload`. Notices tell how many, and that bounds count something else.

    Raises
    ------
    InputError
        Residents are needed, missing, and the profile has no norm for them.
    """
    buildings = assembled.county.buildings
    position = {str(name): row for row, name in enumerate(buildings["id"].tolist())}
    rows = buildings.iloc[[position[name] for name in assembled.problem.units.id]]
    households = _column(rows, "households")
    households[np.isnan(households)] = 0.0
    if level.measure == "households":
        return _counting(assembled, households)
    notices: list[Fault] = [_counts_something_else(level)]
    if level.measure == "residents":
        values = _residents(rows, households, profile, notices)
    else:
        values = _column(rows, "workload")
        missing = np.isnan(values) & (households > 0)
        residents = np.zeros(len(rows))
        if profile.workload.resident and missing.any():
            residents[missing] = _residents(rows[missing], households[missing], profile, notices)
        computed = profile.workload.household * households + profile.workload.resident * residents
        values = np.where(np.isnan(values), computed, values)
        if missing.any():
            notices.append(_workload_computed(int(missing.sum()), profile))
    county = replace(assembled.county, notices=(*assembled.county.notices, *notices))
    return _counting(replace(assembled, county=county), values)


def _counting(assembled: Assembled, values: FloatArray) -> Assembled:
    counted = np.floor(values + 0.5).astype(np.int64)
    if np.array_equal(counted, assembled.problem.units.households):
        return assembled
    units = replace(assembled.problem.units, households=counted)
    return replace(assembled, problem=replace(assembled.problem, units=units))


def _column(rows: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    """A column of numbers, not a number where blank or missing; shape (n,)."""
    if name not in rows.columns:
        return np.full(len(rows), np.nan)
    return np.array(rows[name].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan))


def _residents(rows: pd.DataFrame, households: FloatArray, profile: Profile, notices: list[Fault]) -> FloatArray:
    known = _column(rows, "residents")
    missing = np.isnan(known) & (households > 0)
    each = profile.norms.residents_per_household
    if missing.any() and each is None:
        raise InputError([_residents_missing([str(name) for name in rows["id"][missing]])])
    if missing.any():
        notices.append(_residents_estimated(int(missing.sum()), each or 0.0))
    return np.where(np.isnan(known), households * (each or 0.0), known)


def _counts_something_else(level: Level) -> Fault:
    name = _NAMES[level.measure]
    return Fault(
        rule="measure",
        value=level.name,
        message=Text(
            f"{level.title.zh}的上下限和目标按{name.zh}计，方案中该层级的“户”即{name.zh}",
            f"the bounds of this level count {name.en}; where its plan says households, {name.en} are meant",
        ),
        remedy=Text("如应按户数计，请在规则中删去 measure", "remove measure from the profile to count households"),
    )


def _residents_missing(ids: list[str]) -> Fault:
    return Fault(
        rule="residents_missing",
        value=", ".join(ids[:_SHOWN]),
        message=Text(
            f"上下限按人口计，但有 {len(ids)} 栋楼没有人口数",
            f"bounds count residents, but {len(ids)} buildings have no number of residents",
        ),
        remedy=Text(
            "请补填人口，或在规则的 [norms] 中给出 residents_per_household",
            "fill them in, or give residents_per_household in [norms] of the profile",
        ),
    )


def _residents_estimated(num: int, each: float) -> Fault:
    return Fault(
        rule="residents_estimated",
        message=Text(
            f"{num} 栋楼没有人口数，按每户 {each:g} 人估算",
            f"{num} buildings have no number of residents; {each:g} per household were assumed",
        ),
        remedy=Text("请在台账中补填人口", "fill in the residents in the ledger"),
    )


def _workload_computed(num: int, profile: Profile) -> Fault:
    rule = profile.workload
    return Fault(
        rule="workload_computed",
        message=Text(
            f"{num} 栋楼没有填工作量，按每户 {rule.household:g}、每人 {rule.resident:g} 计算",
            f"{num} buildings declare no workload; {rule.household:g} per household and {rule.resident:g} per resident "
            "were counted",
        ),
        remedy=Text("请在台账中补填工作量，或修改规则的 [workload]", "fill it in, or change [workload] in the profile"),
    )
