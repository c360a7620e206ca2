"""What bounds count comes from the ledger, or from a norm that is told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from levels.levels_town import town

from partitioner.errors import InputError
from partitioner.io.assembly import Assembled
from partitioner.io.measures import with_measure
from partitioner.profiles import Measure, Norms, Profile, Workload, load_profile

HEBEI = load_profile("hebei")


def measured(assembled: Assembled, measure: Measure, profile: Profile = HEBEI) -> Assembled:
    return with_measure(assembled, replace(HEBEI.level("grid"), measure=measure), profile)


def rules(assembled: Assembled) -> list[str]:
    return [notice.rule for notice in assembled.county.notices]


def test_households_change_nothing() -> None:
    assembled = town([[40, 50]])
    assert measured(assembled, "households") is assembled


def test_residents_are_counted_or_estimated_and_that_is_told() -> None:
    found = measured(town([[40, 50, 10]], residents=[100, None, 30]), "residents")
    assert found.problem.units.households.tolist() == [100, 138, 30]
    assert {"measure", "residents_estimated"} <= set(rules(found))


def test_residents_without_any_number_are_a_fault() -> None:
    bare = replace(HEBEI, norms=Norms())
    with pytest.raises(InputError, match="b002"):
        measured(town([[40, 50]], residents=[100, None]), "residents", bare)
    found = measured(town([[40, 50]], residents=[100, 120]), "residents", bare)
    assert found.problem.units.households.tolist() == [100, 120]


def test_workload_is_declared_or_weighted_from_households_and_residents() -> None:
    profile = replace(HEBEI, workload=Workload(household=2.0, resident=0.5))
    found = measured(town([[40, 50]], residents=[100, 101], workload=[7, None]), "workload", profile)
    assert found.problem.units.households.tolist() == [7, 151]
    assert "workload_computed" in rules(found)
