"""Which building a row of a stairwell ledger speaks of."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from partitioner.io.reading.cells import plain_text
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.located import Located
from partitioner.io.reading.records import codes


def buildings_of(located: Located, buildings: gpd.GeoDataFrame, findings: Findings) -> pd.Series:
    """The building that each row names; unknown ones are faults."""
    ids = codes(located, "id", findings)
    compound, number = (codes(located, field, findings) for field in ("compound", "number"))
    by_id = {str(name): str(name) for name in buildings["id"].dropna()}
    by_number: dict[str, str] = {}
    lone: dict[str, str | None] = {}
    if "number" in buildings.columns:
        for name, estate, mark in zip(buildings["id"], buildings["compound"], buildings["number"], strict=True):
            if not pd.isna(mark):
                short = _bare(mark)
                lone[short] = None if short in lone else str(name)
                if not pd.isna(estate):
                    by_number[f"{plain_text(estate)}|{short}"] = str(name)
    marks = [None if pd.isna(one) else _bare(one) for one in number]
    ways: list[list[str | None]] = [
        [by_id.get(one) for one in ids.fillna("").tolist()],
        [
            None if mark is None or not estate else by_number.get(f"{plain_text(estate)}|{mark}")
            for estate, mark in zip(compound.fillna("").tolist(), marks, strict=True)
        ],
        [by_id.get(one) for one in number.fillna("").tolist()],
        [None if mark is None else lone.get(mark) for mark in marks],
    ]
    met = [sum(name is not None for name in way) for way in ways]
    best = int(np.argmax(met))
    told = ids if best == 0 and ids.notna().any() else number
    for record, name in enumerate(ways[best]):
        if name is None:
            shown = None if pd.isna(told[record]) else told[record]
            findings.fault("stairwell_building_unknown", located.layer.place(record), shown)
    return pd.Series(ways[best], dtype="string")


def _bare(number: object) -> str:
    return plain_text(number).rstrip("楼栋幢座号#")
