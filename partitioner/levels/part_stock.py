"""What can be cut in an assembled county, with what its ledgers say of stairwells, floors and corridors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partitioner.errors import Fault, InputError, Text
from partitioner.geometry.county import County
from partitioner.io.assembly import Assembled
from partitioner.microgrid import Corridors, StairwellLedger, Stock
from partitioner.model import IntArray, Labels
from partitioner.model.arrays import frozen_ints
from partitioner.model.rules import MAX_FLOORS, MAX_STAIRWELLS


@dataclass(frozen=True, kw_only=True, eq=False)
class PartStock:
    """The units of an assembled county, ready to be cut.

    Parameters
    ----------
    row : int array, shape (number of units,)
        The row of `county.buildings` that each unit is.
    names : tuple of str
        Ids of whole buildings, by the codes of `stock.building`.
    """

    row: IntArray
    names: tuple[str, ...]
    stock: Stock
    ledger: StairwellLedger
    corridors: Corridors


def stock_of(assembled: Assembled) -> PartStock:
    """What can be cut in `assembled`, with what is known of stairwells, floors and corridors.

    Raises
    ------
    InputError
        Buildings of more stairwells or floors than there can be.
    """
    buildings, units = assembled.county.buildings, assembled.problem.units
    ids = buildings["id"].to_numpy(dtype=object)
    follows = assembled.unit_of_building
    row = np.flatnonzero((follows >= 0) & (ids == np.array(units.id, dtype=object)[follows]))
    if not np.array_equal(follows[row], np.arange(len(units))):
        raise ValueError("units must be rows of the county, in their order")
    frame = buildings.iloc[row]
    _check_counts(frame)
    whole = Labels(frame["building"].fillna(frame["id"]).astype(str).tolist())
    stock = Stock(
        building=whole.code,
        stairwell=_whole_numbers(frame["stairwell"]),
        floor=_whole_numbers(frame["floor_low"]),
        households=_whole_numbers(frame["households"]),
        stairwells=_whole_numbers(frame["stairwells"]),
        floors=_whole_numbers(frame["floors"]),
    )
    county = assembled.county
    return PartStock(
        row=frozen_ints(row),
        names=whole.names,
        stock=stock,
        ledger=_ledger(county, whole.names),
        corridors=_corridors(county, whole.names),
    )


def _check_counts(frame: pd.DataFrame) -> None:
    limits = {"stairwells": (MAX_STAIRWELLS, "单元数", "stairwells"), "floors": (MAX_FLOORS, "层数", "floors")}
    faults = []
    for column, (most, zh, en) in limits.items():
        beyond = frame[(frame[column] > most).fillna(False)]
        faults += [
            Fault(
                rule=f"{column}_many",
                value=f"{row.id}: {getattr(row, column)}",
                message=Text(f"{zh}超过 {most}", f"there are more than {most} {en}"),
                remedy=Text("请核对台账", "check the ledger"),
            )
            for row in beyond.itertuples()
        ]
    if faults:
        raise InputError(faults)


def _whole_numbers(column: pd.Series) -> IntArray:
    return np.asarray(column.fillna(0).to_numpy(dtype=np.int64))


def _ledger(county: County, names: Sequence[str]) -> StairwellLedger:
    if county.floors is None:
        return StairwellLedger.none()
    code, frame = _known(county.floors, names)
    columns = {name: _whole_numbers(frame[name]) for name in ("stairwell", "floor", "floors", "households")}
    return StairwellLedger(building=code, shared=frame["shared"].to_numpy(dtype=bool), **columns)


def _corridors(county: County, names: Sequence[str]) -> Corridors:
    if county.corridors is None:
        return Corridors.none()
    code, frame = _known(county.corridors, names)
    columns = {name: _whole_numbers(frame[name]) for name in ("stairwell_a", "stairwell_b", "floor")}
    return Corridors(building=code, **columns)


def _known(frame: pd.DataFrame, names: Sequence[str]) -> tuple[IntArray, pd.DataFrame]:
    """Codes of the buildings of the rows that speak of units, and those rows."""
    position = {name: code for code, name in enumerate(names)}
    code = np.array([position.get(str(name), -1) for name in frame["building"].tolist()], dtype=np.int64)
    return code[code >= 0], frame[code >= 0]
