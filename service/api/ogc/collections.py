"""Layers as collections: parsed once, kept small, searched by boxes."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from partitioner.model import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Collection:
    """One layer.

    Parameters
    ----------
    properties : tuple of str
        Their names, which every feature has.
    heads : tuple of str
        Id and properties of every feature as they stand in its JSON object.
    shapes : object array
        In CRS84; None where a feature has no shape.
    boxes : float array, shape (n, 4)
        West, south, east, north; not numbers where a feature has no shape.
    place : dict
        From id, as text, to position.
    """

    properties: tuple[str, ...]
    heads: tuple[str, ...]
    shapes: Any
    boxes: FloatArray
    place: dict[str, int]

    @classmethod
    def of(cls, rows: Iterable[tuple[Any, Mapping[str, Any]]], shapes: Any) -> Collection:
        """Of ids, properties and shapes."""
        told = list(rows)
        return cls(
            properties=tuple(told[0][1]) if told else (),
            heads=tuple(_head(key, properties) for key, properties in told),
            shapes=shapes,
            boxes=shapely.bounds(shapes) if len(told) else np.empty((0, 4)),
            place={str(key): position for position, (key, _) in enumerate(told)},
        )

    @classmethod
    def parsed(cls, raw: bytes) -> Collection:
        """Of a GeoJSON file."""
        features = json.loads(raw)["features"]
        texts = [None if feature["geometry"] is None else json.dumps(feature["geometry"]) for feature in features]
        shapes = shapely.from_geojson(np.array(texts, dtype=object))
        return cls.of(((feature["id"], feature["properties"]) for feature in features), shapes)

    def extent(self) -> list[float] | None:
        """Of everything."""
        if not len(self.boxes) or np.isnan(self.boxes).all():
            return None
        low, high = np.nanmin(self.boxes[:, :2], axis=0), np.nanmax(self.boxes[:, 2:], axis=0)
        return [float(value) for value in (*low, *high)]

    def within(self, box: tuple[float, float, float, float] | None) -> IntArray:
        """Positions of the features whose boxes meet `box`."""
        if box is None:
            return np.arange(len(self.heads))
        west, south, east, north = box
        b = self.boxes
        return np.flatnonzero((b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south))

    def having(self, places: Sequence[int], wanted: Mapping[str, str]) -> list[int]:
        """Those of `places` whose properties have the values that are wanted, as text."""
        return [place for place in places if _has(json.loads(f"{{{self.heads[place]}}}")["properties"], wanted)]


class Shelf:
    """The collections that were asked for last."""

    def __init__(self, most: int = 32) -> None:
        self._most = most
        self._known: OrderedDict[str, Collection] = OrderedDict()
        self._lock = threading.RLock()

    def collection(self, key: str, make: Callable[[], Collection]) -> Collection:
        """Made once, however many ask at the same time."""
        with self._lock:
            if key not in self._known:
                self._known[key] = make()
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
            self._known.move_to_end(key)
            return self._known[key]


def _head(key: Any, properties: Mapping[str, Any]) -> str:
    return json.dumps({"id": key, "properties": properties}, ensure_ascii=False)[1:-1]


def _has(properties: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(_text(properties[key]) == value for key, value in wanted.items())


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
