"""What a redraw asked over HTTP may not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from partitioner.errors import InputError
from service.jobs.kinds.changing import _edits


@pytest.mark.parametrize("kind", ["barrier", "bridge"])
@pytest.mark.parametrize("value", ["/srv/other/river.gpkg", "/vsicurl/http://127.0.0.1/river.gpkg"])
def test_a_change_opens_no_file_of_the_server_and_fetches_none(kind: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _edits(tmp_path / "changes.json", [{"kind": kind, "objects": [], "value": value}])
    (fault,) = caught.value.faults
    assert fault.rule == "change_file"
    assert (fault.place.pointer or "").startswith("/inputs/changes")


def test_a_bridge_between_two_buildings_needs_no_file(tmp_path: Path) -> None:
    (edit,) = _edits(tmp_path / "changes.json", [{"kind": "bridge", "objects": ["b1", "b2"]}])
    assert edit.objects == ("b1", "b2")
