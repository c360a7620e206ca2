"""The report says in plain words what was found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from writing_county import NOTICE, planned_town

from partitioner.io.writing import PlannedCounty, write_report
from partitioner.io.writing.histogram import size_histogram
from partitioner.io.writing.words import gap_text, verdict
from partitioner.model import Bounds


def reports(planned: PlannedCounty, folder: Path) -> tuple[str, str]:
    write_report(planned, folder / "zh.md", folder / "en.md")
    return (folder / "zh.md").read_text(encoding="utf-8"), (folder / "en.md").read_text(encoding="utf-8")


def test_a_feasible_plan_is_told_with_its_distance_from_the_best(tmp_path: Path) -> None:
    zh, en = reports(planned_town(), tmp_path)
    assert "与最优方案的差距至多 0.8 %" in zh
    assert "at most 0.8 % from the best possible plan" in en
    assert "违规" not in zh
    assert "## Violations" not in en


def test_sizes_splits_and_the_way_to_check_are_told(tmp_path: Path) -> None:
    zh, en = reports(planned_town(), tmp_path)
    assert "最小 405 户，中位数 405 户，最大 405 户；4 个网格（共 4 个）在上下限之内" in zh
    assert "400–424  4  ████" in en
    assert "3 个小区中有 3 个分在两个以上网格" in zh
    assert "wangge check problem.json plan.json" in zh
    assert "wangge check problem.json plan.json" in en


def test_violations_and_notices_come_with_remedies(tmp_path: Path) -> None:
    zh, en = reports(planned_town(heavy=True, notices=(NOTICE,)), tmp_path)
    assert "已证明不存在满足全部规则的方案" in zh
    assert "请核对该楼" in zh
    assert "131126001001002 too many households" in en
    assert "Check the building" in en


def test_estimated_positions_are_said_to_be_estimated(tmp_path: Path) -> None:
    planned = planned_town()
    frame = planned.county.buildings.assign(estimated=True)
    zh, en = reports(replace(planned, county=replace(planned.county, buildings=frame)), tmp_path)
    assert "37 栋楼的位置或户数是由小区台账推算的" in zh
    assert "37 buildings were estimated" in en


@pytest.mark.parametrize(
    ("gap", "shown"), [(0.0, "0.0 %"), (1e-9, "0.1 %"), (0.00801, "0.9 %"), (0.008, "0.8 %"), (0.25, "25.0 %")]
)
def test_at_most_is_never_an_understatement(gap: float, shown: str) -> None:
    assert gap_text(gap) == shown


def test_every_status_has_its_own_sentence() -> None:
    result = planned_town().result
    told = {verdict(replace(result, status=status)).en for status in ("optimal", "feasible", "infeasible", "unknown")}
    assert len(told | {verdict(replace(result, bound=None, gap=None)).en}) == 5


def test_a_histogram_counts_every_grid_once() -> None:
    lines = size_histogram([1, 10, 12, 15, 15, 99], Bounds(min=10, max=15), lambda _, en: en)
    assert (
        sum(int(line.replace("–", " ").replace("<", "").replace(">", "").split("█")[0].split()[-1]) for line in lines)
        == 6
    )
    assert "below the bound" in lines[0]
    assert "above the bound" in lines[-1]
