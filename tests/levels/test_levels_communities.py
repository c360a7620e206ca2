"""Communities: compounds are opened only where no lawful plan was found with them whole."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from levels_town import community_level, town

from partitioner.levels.communities import Communities, solve_communities
from partitioner.levels.community_repair import repaired_communities
from partitioner.levels.restriction import with_parents
from partitioner.model import Bounds, Labels
from partitioner.scoring import score, validate
from partitioner.solver import Limits, solve

LIMITS = Limits(step_limit=20_000, threads=1)


def split_compounds(found: Communities) -> set[str | None]:
    group = found.asked.problem.units.group
    label = found.result.plan.grid.code
    return {name for k, name in enumerate(group.names) if len(np.unique(label[group.code == k])) > 1}


def test_compounds_stay_whole_where_a_lawful_plan_allows_it() -> None:
    assembled = town([[50, 50, 60, 60, 70, 70]] * 2, compounds=["甲甲乙乙丙丙"] * 2)
    found = solve_communities(assembled, community_level(200, 500), LIMITS)
    assert found.result.status == "optimal"
    assert not split_compounds(found)
    assert not found.notices


def test_only_what_must_be_opened_is_opened_and_told() -> None:
    """甲 (130) is too small alone and too large with 乙 (180 of at most 300): a part of 乙 must go over."""
    rows = [[65, 45, 45, 100, 100]] * 2
    assembled = town(rows, compounds=["甲乙乙丙丁"] * 2)
    found = solve_communities(assembled, community_level(150, 300), LIMITS)
    assert found.result.status in ("optimal", "feasible")
    assert not found.result.violations
    assert split_compounds(found) == {"乙"}
    told = {notice.value: notice.message.en for notice in found.notices}
    assert "it ended in 2 communities" in told["乙"]
    assert "丁" not in told
    assert len(found.label_of_home()) == 10


def test_nothing_is_opened_where_the_households_themselves_rule_a_lawful_plan_out() -> None:
    assembled = town([[30, 30, 100, 100, 100]] * 2, compounds=["甲乙丙丁戊"] * 2, river_east_of=2)
    found = solve_communities(assembled, community_level(150, 300), LIMITS)
    assert found.result.status == "infeasible"
    assert {v.rule for v in found.result.reasons} == {"size_min"}
    assert not found.notices


def test_a_proof_that_speaks_of_units_only_is_told() -> None:
    """Buildings of 100 in communities of 150: no way, however finely compounds are opened."""
    assembled = town([[100] * 6], compounds=["甲甲乙乙丙丙"])
    found = solve_communities(assembled, community_level(150, 150), LIMITS)
    assert found.result.status == "infeasible"
    told = "proof_of_units" in {notice.rule for notice in found.notices}
    assert told == bool((np.bincount(found.asked.unit_of_home) > 1).any())


def test_a_step_limit_gives_the_same_communities_every_time() -> None:
    assembled = town([[65, 45, 45, 100, 100]] * 4, compounds=["甲乙乙丙丁", "甲乙乙丙丁", "戊己己庚辛", "戊己己庚辛"])
    first, second = (solve_communities(assembled, community_level(150, 300), LIMITS).result for _ in range(2))
    assert first == second


def test_community_lines_are_moved_where_they_leave_no_lawful_grids() -> None:
    """Grids of 200 need buildings by twos; compounds of three and five of them make communities of 300 and 500."""
    assembled = town([[100] * 8], compounds=["甲甲甲乙乙乙乙乙"])
    level = community_level(300, 500)
    communities = solve_communities(assembled, level, LIMITS)
    assert not split_compounds(communities)
    grids = replace(assembled.problem, bounds=Bounds(min=200, max=200))
    inside = with_parents(grids, Labels(communities.label_of_home()))
    found = repaired_communities(
        assembled, level, communities, grids, solve(inside, LIMITS).plan, Limits(step_limit=40_000, threads=1)
    )
    assert (found.misfit_before, found.misfit_after) == (200, 0)
    drawn = found.communities
    assert drawn.result.status in ("optimal", "feasible")
    assert split_compounds(drawn)
    assert drawn.result.objective == score(drawn.asked.problem, drawn.result.plan)
    assert drawn.result.bound is None or drawn.result.bound <= drawn.result.objective.total
    told = [notice for notice in drawn.notices if notice.rule == "compound_cut_for_grids"]
    assert {notice.value for notice in told} == split_compounds(drawn)
    after = with_parents(grids, Labels(drawn.label_of_home()))
    assert validate(after, found.lower_plan) == ((), ())


def test_communities_whose_grids_fit_are_left_as_they_are() -> None:
    assembled = town([[100] * 8], compounds=["甲甲甲甲乙乙乙乙"])
    level = community_level(300, 500)
    communities = solve_communities(assembled, level, LIMITS)
    grids = with_parents(assembled.problem, Labels(communities.label_of_home()))
    found = repaired_communities(assembled, level, communities, grids, solve(grids, LIMITS).plan, LIMITS)
    assert found.communities is communities
    assert found.joined == ()
