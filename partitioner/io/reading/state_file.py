"""The state of a plan, as `writing.state` left it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyogrio.errors
from pyproj import CRS

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.geometry.adjacency import UnitGraph
from partitioner.geometry.county import County
from partitioner.io import state
from partitioner.model import Graph, IntArray, PieceResult, Violation
from partitioner.model.arrays import frozen_floats, frozen_ints
from partitioner.profiles import Profile
from partitioner.profiles.as_json import profile_from_json


@dataclass(frozen=True, kw_only=True, eq=False)
class State:
    """All tables of a state file."""

    run: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    crs: CRS
    profile: Profile

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(self.run["levels"])

    @property
    def seconds(self) -> tuple[float, ...]:
        return tuple(self.run["seconds"])

    def unit_ids(self, level: str) -> tuple[str, ...]:
        """Ids of the units of one level, in order."""
        return tuple(self._table(level, "cells")["id"].tolist())

    def unit_of_building(self, level: str) -> IntArray:
        """Of each building of one level, the position of its unit."""
        return frozen_ints(self._table(level, "buildings")[state.UNIT].to_numpy(dtype=np.int64))

    def answers(self, level: str) -> tuple[tuple[Violation, ...], ...]:
        """Reasons, then notes, of one level's result."""
        told = self.run["answers"][level]
        return tuple(tuple(_violation(entry) for entry in told[key]) for key in ("reasons", "notes"))

    def pieces(self, level: str) -> tuple[PieceResult, ...]:
        """Of one level's result; none in files that were written before these were kept."""
        return tuple(_piece(entry) for entry in self.run["answers"][level].get("pieces", ()))

    def county(self, level: str) -> County:
        """The county as one level knows it."""
        buildings = self._table(level, "buildings").drop(columns=state.UNIT)
        return self._county(level, buildings, self.run["notices"][level]["county"])

    @property
    def source(self) -> County | None:
        """The county as it was read; None where that was not kept."""
        notices = self.run["source"]
        return None if notices is None else self._county(state.SOURCE, self._table(state.SOURCE, "buildings"), notices)

    def _county(self, level: str, buildings: pd.DataFrame, notices: list[dict[str, Any]]) -> County:
        boundary = self.tables.get(state.BOUNDARY)
        return County(
            name=self.run["county"],
            crs=self.crs,
            buildings=self._map(buildings),
            barriers=self._map(self.tables[state.BARRIERS]),
            communities=self._map(self._table(level, "communities")),
            boundary=None if boundary is None else boundary["geometry"].iloc[0],
            notices=tuple(state.fault_from_json(entry) for entry in notices),
            floors=self.tables.get(state.FLOORS),
            corridors=self.tables.get(state.CORRIDORS),
        )

    def unit_graph(self, level: str) -> UnitGraph:
        """The adjacency graph of one level."""
        cells, links = self._table(level, "cells"), self._table(level, "links")
        of_kind = {kind: links[(links["kind"] == kind).to_numpy(dtype=bool)] for kind in set(links["kind"])}
        graph, cut, bridged, far = (
            of_kind.get(kind, links.iloc[:0]) for kind in (state.GRAPH, state.CUT, state.BRIDGED, state.FAR)
        )
        return UnitGraph(
            graph=Graph(
                num_units=len(cells),
                u=graph["u"].to_numpy(dtype=np.int64),
                v=graph["v"].to_numpy(dtype=np.int64),
                length_m=graph["length_m"].to_numpy(dtype=np.float64),
            ),
            cells=np.asarray(cells["geometry"], dtype=object),
            place_xy=np.column_stack([cells["x"], cells["y"]]).astype(np.float64),
            soft_m=frozen_floats(graph["soft_m"].to_numpy(dtype=np.float64)),
            cut_u=frozen_ints(cut["u"]),
            cut_v=frozen_ints(cut["v"]),
            bridged_u=frozen_ints(bridged["u"]),
            bridged_v=frozen_ints(bridged["v"]),
            far_u=frozen_ints(far["u"]),
            far_v=frozen_ints(far["v"]),
            notices=tuple(state.fault_from_json(entry) for entry in self.run["notices"][level]["graph"]),
        )

    def _table(self, level: str, what: str) -> pd.DataFrame:
        return self.tables[state.layer_of(level, what)]

    def _map(self, frame: pd.DataFrame) -> gpd.GeoDataFrame:
        return gpd.GeoDataFrame(frame, geometry="geometry", crs=self.crs)


def read_state(path: Path, remedy: Text) -> State:
    """The state in `path`.

    Raises
    ------
    InputError
        It is not there, not a state file, or of another version.
    """
    if not path.is_file():
        message = Text("目录里没有这个文件，不能在此方案上继续", "without this file the plan cannot be carried on")
        raise InputError([_fault("state_missing", path, message, remedy)])
    try:
        rows = pyogrio.read_dataframe(path, layer=state.RUN, read_geometry=False)
        run = {key: json.loads(value) for key, value in zip(rows["key"], rows["value"], strict=True)}
        if run["format"] != state.FORMAT:
            message = Text(f"格式应为 {state.FORMAT}", f"the format must be {state.FORMAT}")
            raise InputError([_fault("state_format", path, message, remedy)])
        tables = {name: _typed(path, name, kinds) for name, kinds in run["kinds"].items()}
        return State(run=run, tables=tables, crs=CRS.from_wkt(run["crs"]), profile=profile_from_json(run["profile"]))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, KeyError, TypeError, ValueError) as error:
        message = Text(f"文件不完整或被改动（{error}）", f"it is incomplete or was changed ({error})")
        raise InputError([_fault("state_unreadable", path, message, remedy)]) from error


def _typed(path: Path, name: str, kinds: dict[str, str]) -> pd.DataFrame:
    """One table with the types that its columns had."""
    frame = pyogrio.read_dataframe(path, layer=name)
    for column, kind in kinds.items():
        if kind != "object":
            frame[column] = frame[column].astype(kind)
        else:
            frame[column] = frame[column].astype(object).where(frame[column].notna(), None)
    return frame


def _violation(entry: dict[str, Any]) -> Violation:
    return Violation(
        rule=entry["rule"],
        grid=entry["grid"],
        units=tuple(entry["units"]),
        amount=entry["amount"],
        message=Text(*entry["message"]),
        remedy=Text(*entry["remedy"]),
    )


def _piece(entry: dict[str, Any]) -> PieceResult:
    reasons = tuple(_violation(reason) for reason in entry["reasons"])
    return PieceResult(**{**entry, "units": frozen_ints(entry["units"]), "reasons": reasons})


def _fault(rule: str, path: Path, message: Text, remedy: Text) -> Fault:
    return Fault(rule=rule, place=Place(file=str(path)), message=message, remedy=remedy)
