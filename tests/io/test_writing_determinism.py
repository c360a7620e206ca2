"""Equal plans give equal files."""

from __future__ import annotations

from pathlib import Path

from writing_county import NOTICE, planned_town

from partitioner.io.writing import write_geojson, write_geopackage, write_ledger, write_report


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        planned = planned_town(heavy=True, notices=(NOTICE,))
        write_geopackage(planned, folder / "plan.gpkg")
        write_geojson(planned, folder)
        write_ledger(planned, folder / "ledger.xlsx")
        write_report(planned, folder / "report.zh.md", folder / "report.en.md")
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert len(names) == 6
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
