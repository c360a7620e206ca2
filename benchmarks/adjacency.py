"""Adjacency of a whole city: ours against momepy's tessellation with libpysal's contiguity, in one run.

Every measurement runs in a process of its own, so that peak memory (resident set) is its own. A *true pair* shares more
than 1 cm of border within 100 m of its buildings, and a point of that border is as near to the two (to 0.5 m) as to any
other building. `of_peers_true` and `of_peers_true_over_1m` count how many of the peer's true pairs the row has. The
fine row uses the peer's own sampling: a point every 0.5 m, outlines drawn in by 0.4 m. Seconds are medians of
`repeats`, all of which are in `each_s`.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from benchmarks.child import measured
from benchmarks.memory import peak_mb
from benchmarks.places import real_root
from benchmarks.rows import Row

LIMIT_M = 100.0
MIN_BORDER_M = 0.01
NEARER_M = 0.5
REPEATS = 3
GENERATED, QUICK_GENERATED = 100_000, 500

Stored = Any
"""Pairs as `np.savez` keeps them: `a`, `b`, and the peer's `border_m`."""


def run(wanted: Callable[[str], bool], *, quick: bool) -> Iterator[Row]:
    """Vologda, ours and the peer's, where it is at hand; then generated buildings."""
    if wanted("vologda") and real_root() is not None and not quick:
        yield from _against_the_peer()
    if wanted("generated"):
        num = QUICK_GENERATED if quick else GENERATED
        yield from measured("adjacency", "generated", {"part": "pairs", "num": num, "repeats": 1})
        yield from measured("adjacency", "generated", {"part": "graph and cells", "num": num, "repeats": 1})


def _against_the_peer() -> list[Row]:
    """Ours before and after the peer's, so that a load that comes or goes shows; the middle of all of ours counts."""
    with tempfile.TemporaryDirectory() as folder:

        def part(name: str, file: str, repeats: int) -> Row:
            settings = {"part": name, "repeats": repeats, "file": str(Path(folder) / file)}
            return measured("adjacency", "vologda", settings)[0]

        ours = part("ours", "ours.npz", REPEATS)
        theirs = part("momepy + libpysal", "peer.npz", REPEATS)
        again = part("ours", "again.npz", REPEATS)
        fine = part("ours at the peer's sampling", "fine.npz", 1)
        rows = [ours, fine, theirs]
        if any("failed" in row for row in [*rows, again]):
            return rows
        ours["each_s"] += again["each_s"]
        ours["seconds"] = round(statistics.median(ours["each_s"]), 2)
        ours["times_faster"] = round(theirs["seconds"] / ours["seconds"], 1)
        peer = np.load(Path(folder) / "peer.npz")
        key, long = pair_keys(peer), peer["border_m"] > 1.0
        theirs["of_peers_true"], theirs["of_peers_true_over_1m"] = len(key), int(long.sum())
        for row, file in ((ours, "ours.npz"), (fine, "fine.npz")):
            have = np.isin(key, pair_keys(np.load(Path(folder) / file)))
            row["of_peers_true"], row["of_peers_true_over_1m"] = int(have.sum()), int((have & long).sum())
        return rows


def work(name: str, *, part: str, repeats: int, file: str = "", num: int = 0) -> Iterator[Row]:
    """One measurement; the pairs go to `file`."""
    del name
    yield {"part": part, "repeats": repeats, **PARTS[part](repeats=repeats, file=file, num=num)}


def timed(repeats: int, task: Callable[[], Any]) -> tuple[Any, Row]:
    """What `task` gives, and its seconds."""
    each, found = [], None
    for _ in range(repeats):
        found = None
        began = time.perf_counter()
        found = task()
        each.append(round(time.perf_counter() - began, 2))
    return found, {"seconds": statistics.median(each), "each_s": each, "peak_mb": peak_mb()}


def ours_on_city(*, repeats: int, file: str, **_: Any) -> Row:
    shapes = np.asarray(city().geometry.values, dtype=object)
    pairs, row = timed(repeats, lambda: near_pairs(shapes))
    np.savez(file, a=pairs.a, b=pairs.b)
    return {"buildings": len(shapes), **row, "pairs": len(pairs), "true_pairs": int(truly_near(shapes).sum())}


def ours_at_the_peers_sampling(*, repeats: int, file: str, **_: Any) -> Row:
    from partitioner.geometry import outlines

    outlines.MAX_POINTS = 10**8
    shapes = np.asarray(city().geometry.values, dtype=object)
    pairs, row = timed(repeats, lambda: near_pairs(shapes, step_m=0.5, shrink_m=0.4))
    np.savez(file, a=pairs.a, b=pairs.b)
    return {"buildings": len(shapes), **row, "pairs": len(pairs)}


def peer_on_city(*, repeats: int, file: str, **_: Any) -> Row:
    import momepy  # type: ignore[import-untyped]
    from libpysal.graph import Graph  # type: ignore[import-untyped]

    frame = city()
    limit = shapely.union_all(shapely.buffer(np.asarray(frame.geometry.values), LIMIT_M))

    def tessellate() -> tuple[gpd.GeoDataFrame, Any]:
        cells = momepy.morphological_tessellation(frame, clip=limit)
        return cells, Graph.build_fuzzy_contiguity(cells)

    (cells, graph), row = timed(repeats, tessellate)
    links = graph.adjacency.reset_index()[["focal", "neighbor"]].to_numpy()
    links = links[links[:, 0] < links[:, 1]]
    shape, a, b = cells.geometry, links[:, 0], links[:, 1]
    border = shapely.intersection(shape.loc[a].to_numpy(), shape.loc[b].to_numpy())
    border_m = shapely.length(border)
    true = (border_m > MIN_BORDER_M) & as_near_as_any(np.asarray(frame.geometry.values), a, b, border)
    np.savez(file, a=a[true], b=b[true], border_m=border_m[true])
    return {
        "buildings": len(frame),
        **row,
        "pairs": len(links),
        "pairs_with_border": int((border_m > MIN_BORDER_M).sum()),
        "true_pairs": int(true.sum()),
    }


def ours_on_generated(*, repeats: int, num: int, **_: Any) -> Row:
    shapes = generated(num)
    pairs, row = timed(repeats, lambda: near_pairs(shapes))
    return {"buildings": num, **row, "pairs": len(pairs)}


def graph_on_generated(*, repeats: int, num: int, **_: Any) -> Row:
    from partitioner.geometry.adjacency import build_unit_graph

    shapes = generated(num)
    ids = [str(k) for k in range(num)]
    found, row = timed(repeats, lambda: build_unit_graph(shapes, ids=ids))
    return {"buildings": num, **row, "pairs": len(found.graph)}


def near_pairs(shapes: np.ndarray, **sampling: float) -> Any:
    from partitioner.geometry.borders import cell_borders, pairs_of
    from partitioner.geometry.outlines import outline_points

    pairs = pairs_of(cell_borders(outline_points(shapes, **sampling)))
    return pairs.take(np.flatnonzero(pairs.reach_m <= LIMIT_M))


def truly_near(shapes: np.ndarray) -> np.ndarray:
    """The same test for our pairs, where their border comes closest to them."""
    from partitioner.geometry.borders import cell_borders
    from partitioner.geometry.outlines import outline_points

    borders = cell_borders(outline_points(shapes))
    order = np.lexsort((borders.reach_m, borders.b, borders.a))
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(borders.a[order]) != 0) | (np.diff(borders.b[order]) != 0)
    closest = borders.take(order[first])
    closest = closest.take(np.flatnonzero(closest.reach_m <= LIMIT_M))
    pairs = near_pairs(shapes)
    closest = closest.take(np.flatnonzero(np.isin(pair_keys_of(closest), pair_keys_of(pairs))))
    along = closest.end - closest.start
    square = np.maximum((along**2).sum(axis=1), 1e-12)
    at = np.clip(((closest.site - closest.start) * along).sum(axis=1) / square, 0.0, 1.0)
    spots = shapely.points(closest.start + at[:, None] * along)
    return as_near_as_any(shapes, closest.a, closest.b, spots)


def as_near_as_any(shapes: np.ndarray, a: np.ndarray, b: np.ndarray, border: np.ndarray) -> np.ndarray:
    """Whether a point on each border is as near to its two buildings as to the nearest building of all."""
    middle = shapely.point_on_surface(border)
    _, nearest_m = shapely.STRtree(shapes).query_nearest(middle, all_matches=False, return_distance=True)
    farther_m = np.maximum(shapely.distance(shapes[a], middle), shapely.distance(shapes[b], middle))
    return np.asarray(farther_m <= nearest_m + NEARER_M)


def pair_keys(stored: Stored) -> np.ndarray:
    return np.asarray(stored["a"].astype(np.int64) * 10**9 + stored["b"].astype(np.int64))


def pair_keys_of(pairs: Any) -> np.ndarray:
    return pair_keys({"a": pairs.a, "b": pairs.b})


def city() -> gpd.GeoDataFrame:
    folder = os.environ.get("WANGGE_DATA")
    if not folder:
        raise SystemExit("set WANGGE_DATA to the folder of real places")
    return gpd.read_file(Path(folder) / "vologda" / "buildings.gpkg")


def generated(num: int) -> np.ndarray:
    """Slabs in slightly turned rows, blocks 300 m wide: much like a northern Chinese city. Seeded."""
    chance = np.random.default_rng(20)
    side = int(np.ceil(np.sqrt(num)))
    row, column = np.divmod(np.arange(num), side)
    x = column * 70.0 + column // 5 * 40.0 + chance.uniform(-4, 4, num)
    y = row * 35.0 + row // 8 * 40.0 + chance.uniform(-3, 3, num)
    long, wide, turn = chance.uniform(25, 60, num), chance.uniform(10, 15, num), chance.normal(0, 0.1, num)
    corner = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5], [-0.5, -0.5]])
    u, v = corner[:, 0] * long[:, None], corner[:, 1] * wide[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    rings = np.stack([x[:, None] + u * cos - v * sin, y[:, None] + u * sin + v * cos], axis=2)
    return np.asarray(shapely.polygons(rings), dtype=object)


PARTS: dict[str, Callable[..., Row]] = {
    "ours": ours_on_city,
    "ours at the peer's sampling": ours_at_the_peers_sampling,
    "momepy + libpysal": peer_on_city,
    "pairs": ours_on_generated,
    "graph and cells": graph_on_generated,
}
