"""The counties that `phases` plans: what to read, and what a planner would declare."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from datasets.cases import case_names


@dataclass(frozen=True, kw_only=True)
class Place:
    """One county.

    Parameters
    ----------
    files : tuple of str
        In its folder; none for all of it.
    crs, roles, columns : dict
        As `read_county` takes them.
    num_grids : int or None
        Grids in all, where they are published.
    """

    folder: str
    files: tuple[str, ...] = ()
    crs: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    num_grids: int | None = None

    def paths(self, root: Path) -> list[Path]:
        """Where to read, with its folder under `root`."""
        folder = root / self.folder
        return [folder / file for file in self.files] or [folder]


def _compound_ledger(county: str) -> Place:
    ledger, outline = f"{county}_compounds.csv", f"{county}_boundary_gcj02.geojson"
    return Place(folder="guan-huailai", files=(ledger, outline), crs={ledger: "bd09", outline: "gcj02"})


GENERATED = {
    "gucheng": Place(folder="gucheng", files=("county.gpkg",), num_grids=111),
    "cisheng": Place(folder="cisheng", files=("county.gpkg",), num_grids=8),
}
REAL = {
    "guan": _compound_ledger("guan"),
    "huailai": _compound_ledger("huailai"),
    "olemps": Place(
        folder="olemps",
        roles={"water": "barriers:hard", "railways": "barriers:hard", "roads": "barriers:soft"},
        columns={"households": "NB_LOGTS"},
    ),
    "vologda": Place(folder="vologda"),
    "shijiazhuang": Place(folder="shijiazhuang"),
}
PLACES = GENERATED | REAL


def real_root() -> Path | None:
    """The folder of real places, where one is at hand."""
    told = os.environ.get("WANGGE_DATA")
    return Path(told) if told else None


def is_generated(name: str) -> bool:
    """Whether `datasets` makes its files."""
    return name in GENERATED and name in case_names()
