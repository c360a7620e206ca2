"""A curve of a single point says why there is no other."""

from __future__ import annotations

import pytest

from partitioner.io.writing.redraw import Curve, CurvePoint
from partitioner.profiles import load_profile

GRID = load_profile("hebei").level("grid")


def curve(qualities: list[float], best: float | None) -> Curve:
    points = tuple(
        CurvePoint(moved=10 * k, quality=quality, bound=None, status="feasible") for k, quality in enumerate(qualities)
    )
    return Curve(level=GRID, county="方城", points=points, fewest=0, best_quality=best)


@pytest.mark.parametrize(
    ("best", "said"), [(100.0, "also the best (proved)"), (90.0, "at most 10.00% better"), (None, "only one plan")]
)
def test_one_point_is_told_as_what_is_known_of_it(best: float | None, said: str) -> None:
    remark = curve([100.0], best).remark
    assert remark is not None
    assert said in remark.en


def test_points_to_choose_from_and_no_plan_at_all_need_no_remark() -> None:
    assert curve([100.0, 95.0], 90.0).remark is None
    assert curve([], None).remark is None
