"""A file with more faults than anybody mends row by row is refused with their number, not with all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from partitioner.errors import InputError
from partitioner.io.reading import findings, read_county

ROWS = 20


def test_beyond_a_number_faults_are_counted_and_that_is_said_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "台账.csv"
    path.write_text("编号,户数,x,y\n" + "".join(f"{i},许多,?,!\n" for i in range(ROWS)), "utf-8")
    with pytest.raises(InputError) as every:
        read_county([path], crs="EPSG:4547")
    monkeypatch.setattr(findings, "MAX_KEPT_FAULTS", 10)
    with pytest.raises(InputError) as some:
        read_county([path], crs="EPSG:4547")
    assert every.value.num_faults == len(every.value.faults) == some.value.num_faults
    summary, *kept = some.value.faults
    assert kept == list(every.value.faults[:10])
    assert summary.rule == "faults_too_many"
    assert str(every.value.num_faults - 10) in summary.message.zh
    assert "households_text 20" in summary.message.en
