"""Who served a community goes on in the one that it was merged into."""

from __future__ import annotations

from dataclasses import replace

from levels.levels_town import town

from partitioner.changing import Postings, follow_posts, redraw_plan
from partitioner.geometry.county import County
from partitioner.io.reading.changes_made import Change
from partitioner.io.staffing_json import StaffingRecord
from partitioner.levels.top_down import plan_levels
from partitioner.model import Bounds
from partitioner.profiles import load_profile
from partitioner.solver import Limits

HEBEI = load_profile("hebei")
GRIDS = replace(HEBEI.level("grid"), bounds=Bounds(min=5, max=8))
STEPS = Limits(step_limit=20_000)


def with_communities(county: County, names: str) -> County:
    """Communities of the buildings, a letter each."""
    frame = county.buildings.copy()
    frame["community"] = [f"13010000000{'ABC'.index(letter) + 1}" for letter in names]
    frame["community"] = frame["community"].astype("string")
    return replace(county, buildings=frame)


def test_posts_of_a_community_that_was_merged_away_go_on_in_its_heir() -> None:
    county = with_communities(town([[2] * 9] * 3).county, "AAABBBCCC" * 3)
    before = plan_levels(county, HEBEI, [GRIDS], limits=STEPS)
    grids = before.level("grid").result.plan.grid.names
    posted = [(f"L{k}", f"13010000000{k}") for k in (1, 2, 3)] + [(f"C{k}", grid) for k, grid in enumerate(grids)]
    roles = {number: "community_leader" if number.startswith("L") else "cadre" for number, _ in posted}
    record = StaffingRecord(plan="方城", profile="hebei", posted=tuple(posted), roles=roles)
    merged = with_communities(county, "AAABBBBBB" * 3)
    redrawing = redraw_plan(before, Change(county=merged, told={}, levels=(GRIDS,)), limits=STEPS)
    assert redrawing.told[0].moved == 0
    followed = follow_posts(before, redrawing, Postings(record=record), limits=STEPS)
    now = dict(followed.staffed.staffing.posted)
    assert now["L1"] == "130100000001"
    assert now["L2"] == now["L3"] == "130100000002"
    assert {number: now[number] for number, _ in posted[3:]} == dict(posted[3:])
    assert [(change.person, change.left, change.joined) for change in followed.changes] == [
        ("L3", ("130100000003",), ("130100000002",))
    ]
