"""A ledger without coordinates joined to the footprints of a map."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd

from partitioner.io.reading.cells import plain_text
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located

_SHOWN = 20
_FILLED = (
    "name",
    "households",
    "residents",
    "compound",
    "community",
    "stairwells",
    "floors",
    "previous_grid",
    "special",
    "township",
    "home_township",
    "workload",
    "elderly",
    "special_care",
    "lifts",
    "events",
)


def join_ledger(
    footprints: gpd.GeoDataFrame, ledger: gpd.GeoDataFrame, layers: Sequence[Located], findings: Findings
) -> gpd.GeoDataFrame:
    """Footprints with what the ledger says of them.

    Rows meet by id, or by compound and building number where more rows meet so. What the ledger says wins. A ledger
    row without footprint is a fault when people live there; a footprint without ledger row is named in a notice.
    """
    keys = _keys(footprints, ledger)
    place = layers[0].layer.place()
    if keys is None:
        findings.fault("join_impossible", place, examples=_examples(footprints["id"], ledger["id"]))
        return footprints
    left, right = keys
    position = {key: k for k, key in enumerate(left) if key is not None}
    if len(position) < sum(key is not None for key in left):
        findings.fault("join_ambiguous", place)
        return footprints
    at = np.array([position.get(key, -1) if key is not None else -1 for key in right], dtype=np.int64)
    _name_lost_rows(ledger, layers, at, findings)
    joined = footprints.copy()
    rows = np.flatnonzero(at >= 0)
    for column in _FILLED:
        values = ledger[column].iloc[rows]
        known = values.notna().to_numpy()
        joined.loc[joined.index[at[rows][known]], column] = values[known].to_numpy()
    joined.loc[joined.index[at[rows]], "source"] = ledger["source"].iloc[rows].to_numpy()
    unmatched = np.setdiff1d(np.arange(len(footprints)), at[rows])
    if len(unmatched):
        names = [str(name) for name in footprints["id"].iloc[unmatched[:_SHOWN]]]
        findings.notice("footprint_without_row", place, ", ".join(names), rows=len(unmatched))
    return joined


def _keys(footprints: gpd.GeoDataFrame, ledger: gpd.GeoDataFrame) -> tuple[list[str | None], list[str | None]] | None:
    pairs = [(make(footprints), make(ledger)) for make in (_id_key, _number_key)]
    common = [len({key for key in left if key} & {key for key in right if key}) for left, right in pairs]
    best = int(np.argmax(common))
    return pairs[best] if common[best] else None


def _id_key(frame: gpd.GeoDataFrame) -> list[str | None]:
    return [None if pd.isna(value) else str(value) for value in frame["id"]]


def _number_key(frame: gpd.GeoDataFrame) -> list[str | None]:
    """Compound and number, "3", "3号" and "3号楼" being one."""
    keys: list[str | None] = []
    for compound, number in zip(frame["compound"], frame["number"], strict=True):
        if pd.isna(compound) or pd.isna(number):
            keys.append(None)
        else:
            keys.append(f"{plain_text(compound)}|{plain_text(number).rstrip('楼栋幢座号#')}")
    return keys


def _name_lost_rows(ledger: gpd.GeoDataFrame, layers: Sequence[Located], at: np.ndarray, findings: Findings) -> None:
    places = [located.layer.place(record) for located in layers for record in range(len(located))]
    for k in np.flatnonzero(at < 0).tolist():
        households = ledger["households"].iloc[k]
        lived_in = not pd.isna(households) and households > 0
        report = findings.fault if lived_in else findings.notice
        report("row_without_footprint", places[k], ledger["id"].iloc[k])


def _examples(left: pd.Series, right: pd.Series) -> str:
    return " | ".join(", ".join(str(name) for name in names.dropna().iloc[:3]) for names in (left, right))
