"""spopt's max-p-regions heuristic (Wei, Rey & Knaap 2021): the region method that takes a household bound.

The bound is a floor (`threshold` = min); there is no upper one and the number of regions is the method's own answer:
as many as the floor allows. Attributes are the positions, so that regions are compact. Parameters are the package's
own except for 20 constructions instead of 99, two above 500 units (the time goes into restarts). Answers are mended as
those of METIS are; regions above max are first cut in two where both halves can hold min.
"""

from __future__ import annotations

from random import Random

import geopandas as gpd
import numpy as np
from libpysal.weights import W
from spopt.region import MaxPHeuristic

from benchmarks.peers.case import Case
from benchmarks.peers.found import Found
from benchmarks.peers.objective import GridCosts, misfit
from benchmarks.peers.repair import repaired

CONSTRUCTIONS, FEW_CONSTRUCTIONS, MANY_UNITS = 20, 2, 500


def run(case: Case, found: Found) -> None:
    frame = gpd.GeoDataFrame(
        {"x": case.x, "y": case.y, "households": case.households}, geometry=gpd.points_from_xy(case.x, case.y)
    )
    weights = W(dict(enumerate(case.neighbours)), silence_warnings=True)
    costs, rng, asked = GridCosts(case), Random(case.seed), 0
    best: tuple[int, float] | None = None
    tries = CONSTRUCTIONS if len(case) <= MANY_UNITS else FEW_CONSTRUCTIONS
    while found.left_s > 0:
        np.random.seed(case.seed + asked)  # noqa: NPY002  # spopt draws from the global generator
        model = MaxPHeuristic(frame, weights, ["x", "y"], "households", case.min, max_iterations_construction=tries)
        model.solve()
        grid = repaired(case, _halved(case, np.asarray(model.labels_)), rng, over=lambda: found.left_s <= 0)
        asked += 1
        value = (misfit(case, grid), costs.total(grid))
        if best is None or value < best:
            best = value
            found.plan(grid)
    found.say(f"{asked} starts")


def _halved(case: Case, grid: np.ndarray) -> np.ndarray:
    """Regions that hold more than max and at least twice min, cut at their middle from west to east."""
    grid, label = grid.copy(), int(grid.max()) + 1
    for region in np.unique(grid).tolist():
        units = np.flatnonzero(grid == region)
        size = int(case.households[units].sum())
        if size > case.max and size >= 2 * case.min:
            units = units[np.argsort(case.x[units], kind="stable")]
            grid[units[np.cumsum(case.households[units]) > size / 2]] = label
            label += 1
    return grid
