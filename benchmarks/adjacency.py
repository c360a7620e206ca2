"""Adjacency of a whole city: ours against momepy's tessellation with libpysal's contiguity, in one run.

    WANGGE_DATA=… python benchmarks/adjacency.py [--repeats 3] [--generated 100000] [-o result.json]

Every measurement runs in a process of its own, so that peak memory (resident set) is its own. A *true pair* shares more
than 1 cm of border within 100 m of its buildings, and a point of that border is as near to the two (to 0.5 m) as to any
other building. `of_peers_true` and `of_peers_true_over_1m` count how many of the peer's true pairs the row has. The
fine row uses the peer's own sampling: a point every 0.5 m, outlines drawn in by 0.4 m.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

LIMIT_M = 100.0
MIN_BORDER_M = 0.01
NEARER_M = 0.5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--generated", type=int, default=100_000)
    parser.add_argument("--without-peer", action="store_true")
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--part", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        name, file = options.part
        PARTS[name](Path(file), options)
        return
    rows = measure(options)
    if options.output:
        options.output.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1) + "\n" + as_markdown(rows))


def measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    """One row per measurement; with the peer, our row says how many of its true pairs we have."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        ours = run_part("ours", Path(folder) / "ours.npz", options)
        rows.append(ours)
        if not options.without_peer:
            rows.append(run_part("ours_fine", Path(folder) / "fine.npz", options))
            theirs = run_part("peer", Path(folder) / "peer.npz", options)
            rows.append(theirs)
            true = np.load(Path(folder) / "peer.npz")
            key, long = pair_keys(true), true["border_m"] > 1.0
            theirs["of_peers_true"], theirs["of_peers_true_over_1m"] = len(key), int(long.sum())
            for row, name in zip(rows[:2], ("ours", "fine"), strict=True):
                have = np.isin(key, pair_keys(np.load(Path(folder) / f"{name}.npz")))
                row["of_peers_true"], row["of_peers_true_over_1m"] = int(have.sum()), int((have & long).sum())
            ours["times_faster"] = round(theirs["seconds"] / ours["seconds"], 1)
        rows.append(run_part("generated", Path(folder) / "generated.npz", options))
        rows.append(run_part("generated_graph", Path(folder) / "graph.npz", options))
    return rows


def run_part(name: str, file: Path, options: argparse.Namespace) -> dict[str, Any]:
    arguments = ["--repeats", str(options.repeats), "--generated", str(options.generated), "--part", name, str(file)]
    done = subprocess.run([sys.executable, __file__, *arguments], check=True, stdout=subprocess.PIPE, text=True)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def pair_keys(stored: Any) -> np.ndarray:
    return stored["a"].astype(np.int64) * 10**9 + stored["b"].astype(np.int64)


def ours_on_city(file: Path, options: argparse.Namespace) -> None:
    shapes = np.asarray(city().geometry.values, dtype=object)
    seconds = []
    for _ in range(options.repeats):
        start = time.perf_counter()
        pairs = near_pairs(shapes)
        seconds.append(time.perf_counter() - start)
    np.savez(file, a=pairs.a, b=pairs.b)
    report(
        what="ours, Vologda",
        buildings=len(shapes),
        seconds=statistics.median(seconds),
        pairs=len(pairs),
        true_pairs=int(truly_near(shapes).sum()),
    )


def ours_at_the_peers_sampling(file: Path, _: argparse.Namespace) -> None:
    from partitioner.geometry import outlines

    outlines.MAX_POINTS = 10**8
    shapes = np.asarray(city().geometry.values, dtype=object)
    start = time.perf_counter()
    pairs = near_pairs(shapes, step_m=0.5, shrink_m=0.4)
    seconds = time.perf_counter() - start
    np.savez(file, a=pairs.a, b=pairs.b)
    report(what="ours at the peer's sampling, Vologda", buildings=len(shapes), seconds=seconds, pairs=len(pairs))


def peer_on_city(file: Path, _: argparse.Namespace) -> None:
    import momepy
    from libpysal.graph import Graph

    frame = city()
    limit = shapely.union_all(shapely.buffer(np.asarray(frame.geometry.values), LIMIT_M))
    start = time.perf_counter()
    cells = momepy.morphological_tessellation(frame, clip=limit)
    graph = Graph.build_fuzzy_contiguity(cells)
    seconds = time.perf_counter() - start
    links = graph.adjacency.reset_index()[["focal", "neighbor"]].to_numpy()
    links = links[links[:, 0] < links[:, 1]]
    shape, a, b = cells.geometry, links[:, 0], links[:, 1]
    border = shapely.intersection(shape.loc[a].to_numpy(), shape.loc[b].to_numpy())
    border_m = shapely.length(border)
    true = (border_m > MIN_BORDER_M) & as_near_as_any(np.asarray(frame.geometry.values), a, b, border)
    np.savez(file, a=a[true], b=b[true], border_m=border_m[true])
    report(
        what="momepy + libpysal, Vologda",
        buildings=len(frame),
        seconds=seconds,
        pairs=len(links),
        pairs_with_border=int((border_m > MIN_BORDER_M).sum()),
        true_pairs=int(true.sum()),
    )


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


def pair_keys_of(pairs: Any) -> np.ndarray:
    return pair_keys({"a": pairs.a, "b": pairs.b})


def as_near_as_any(shapes: np.ndarray, a: np.ndarray, b: np.ndarray, border: np.ndarray) -> np.ndarray:
    """Whether a point on each border is as near to its two buildings as to the nearest building of all."""
    middle = shapely.point_on_surface(border)
    _, nearest_m = shapely.STRtree(shapes).query_nearest(middle, all_matches=False, return_distance=True)
    return np.maximum(shapely.distance(shapes[a], middle), shapely.distance(shapes[b], middle)) <= nearest_m + NEARER_M


def ours_on_generated(_: Path, options: argparse.Namespace) -> None:
    shapes = generated(options.generated)
    start = time.perf_counter()
    pairs = near_pairs(shapes)
    report(what="ours, generated, pairs", buildings=len(shapes), seconds=time.perf_counter() - start, pairs=len(pairs))


def graph_on_generated(_: Path, options: argparse.Namespace) -> None:
    from partitioner.geometry.adjacency import build_unit_graph

    shapes = generated(options.generated)
    start = time.perf_counter()
    found = build_unit_graph(shapes, ids=[str(k) for k in range(len(shapes))])
    seconds = time.perf_counter() - start
    report(what="ours, generated, graph and cells", buildings=len(shapes), seconds=seconds, pairs=len(found.graph))


def near_pairs(shapes: np.ndarray, **sampling: float) -> Any:
    from partitioner.geometry.borders import cell_borders, pairs_of
    from partitioner.geometry.outlines import outline_points

    pairs = pairs_of(cell_borders(outline_points(shapes, **sampling)))
    return pairs.take(np.flatnonzero(pairs.reach_m <= LIMIT_M))


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


def report(**row: Any) -> None:
    row["seconds"] = round(row["seconds"], 2)
    row["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    sys.stdout.write(json.dumps(row) + "\n")


def as_markdown(rows: list[dict[str, Any]]) -> str:
    heads = ["what", "buildings", "seconds", "times_faster", "pairs", "true_pairs"]
    heads += ["of_peers_true", "of_peers_true_over_1m", "peak_mb"]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    lines += ["| " + " | ".join(str(row.get(head, "")) for head in heads) + " |" for row in rows]
    return "\n".join(lines) + "\n"


PARTS = {
    "ours": ours_on_city,
    "ours_fine": ours_at_the_peers_sampling,
    "peer": peer_on_city,
    "generated": ours_on_generated,
    "generated_graph": graph_on_generated,
}

if __name__ == "__main__":
    main()
