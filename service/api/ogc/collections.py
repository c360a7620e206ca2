"""The layers of a plan as collections, parsed once and searched by boxes."""

from __future__ import annotations

import gzip
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from partitioner.errors import Text
from partitioner.model import FloatArray, IntArray
from service.storage import BlobStore

TITLES = {
    "units": Text("楼栋", "buildings"),
    "cells": Text("划分对象", "units"),
    "communities": Text("社区", "communities"),
    "grids": Text("网格", "grids"),
    "micro_grids": Text("微网格", "micro-grids"),
    "parts": Text("单元楼层", "stairwells and floors"),
    "barriers": Text("阻隔", "barriers"),
}
"""Layers that are collections, if a plan has them."""


@dataclass(frozen=True, kw_only=True)
class Collection:
    """One layer.

    Parameters
    ----------
    features : list of dict
        GeoJSON features in CRS84.
    boxes : float array, shape (n, 4)
        West, south, east, north; not numbers where a feature has no shape.
    place : dict
        From id, as text, to position.
    """

    features: list[dict[str, Any]]
    boxes: FloatArray
    place: dict[str, int]

    def extent(self) -> list[float] | None:
        """Of everything."""
        if not len(self.boxes) or np.isnan(self.boxes).all():
            return None
        low, high = np.nanmin(self.boxes[:, :2], axis=0), np.nanmax(self.boxes[:, 2:], axis=0)
        return [float(value) for value in (*low, *high)]

    def within(self, box: tuple[float, float, float, float] | None) -> IntArray:
        """Positions of the features whose boxes meet `box`."""
        if box is None:
            return np.arange(len(self.features))
        west, south, east, north = box
        b = self.boxes
        return np.flatnonzero((b[:, 0] <= east) & (b[:, 2] >= west) & (b[:, 1] <= north) & (b[:, 3] >= south))


class Shelf:
    """The collections that were asked for last."""

    def __init__(self, blobs: BlobStore, most: int = 6) -> None:
        self._blobs, self._most = blobs, most
        self._known: OrderedDict[str, Collection] = OrderedDict()
        self._lock = threading.Lock()

    def collection(self, sha256: str) -> Collection:
        """Parsed once, however many ask at the same time."""
        with self._lock:
            if sha256 not in self._known:
                self._known[sha256] = _parsed(gzip.decompress(self._blobs.read(sha256)))
                while len(self._known) > self._most:
                    self._known.popitem(last=False)
            self._known.move_to_end(sha256)
            return self._known[sha256]


def _parsed(raw: bytes) -> Collection:
    features = json.loads(raw)["features"]
    shapes = [None if f["geometry"] is None else shapely.geometry.shape(f["geometry"]) for f in features]
    boxes = shapely.bounds(np.array(shapes, dtype=object)) if shapes else np.empty((0, 4))
    return Collection(features=features, boxes=boxes, place={str(f["id"]): i for i, f in enumerate(features)})
