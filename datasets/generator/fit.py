"""Thinning: buildings give way to gardens until the natural number of grids is the published one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from datasets.generator.misfit import Misfit

ENOUGH = 0.975
"""A grid counts as filled from this share of the per_grid."""

SURPLUS = 0.45
"""Grids' worth of households that each community should have to spare before thinning (it only takes away)."""

MAX_SURPLUS = 0.06
"""How much more than that, as a share of all households, thinning may take away without showing."""


def natural_counts(households: Sequence[int], num_grids: int, per_grid: int) -> list[int]:
    """Grids of each community: in proportion to its households, never more than it can fill at `per_grid`.

    Raises
    ------
    Misfit
        The town holds too few households, or so many that thinning it would show.
    """
    full = [int(total / (ENOUGH * per_grid)) for total in households]
    total = sum(households)
    good = (num_grids + SURPLUS * len(households)) * per_grid
    if sum(full) < num_grids or total > (1 + MAX_SURPLUS) * good:
        raise Misfit(
            f"{total} households fill {sum(full)} grids of {per_grid}, {num_grids} are wanted",
            scale=max(0.7, min(1.4, (good / max(total, 1)) ** 0.4)),
        )
    shares = [value * num_grids / total for value in households]
    counts = [min(int(share), most) for share, most in zip(shares, full, strict=True)]
    while sum(counts) < num_grids:
        open_ones = [i for i in range(len(counts)) if counts[i] < full[i]]
        counts[max(open_ones, key=lambda i: (shares[i] - counts[i], -i))] += 1
    return counts


def thin(
    households: npt.NDArray[np.int64],
    compound: npt.NDArray[np.int64],
    depth_m: npt.NDArray[np.float64],
    surplus: int,
    least: int = 4,
) -> npt.NDArray[np.bool_]:
    """Which buildings stay after about `surplus` households have gone.

    Large compounds give first, and of each the building furthest from its wall, so that gardens open in their middle;
    the last one taken is the one that meets the surplus best.

    Parameters
    ----------
    households, compound : int arrays, shape (n,)
    depth_m : float array, shape (n,), metres
        From the middle of each building to the wall of its compound.
    surplus : int
    least : int
        Buildings with fewer households always stay.
    """
    stays = np.ones(len(households), dtype=bool)
    left = surplus
    worth = np.bincount(compound, weights=households)
    taken = np.zeros(len(worth))
    while left > 0:
        open_ones = np.flatnonzero(stays & (households >= least) & (households <= 2 * left))
        if not len(open_ones):
            break
        wanting = (taken[compound[open_ones]] + 1) / worth[compound[open_ones]] ** 2
        order = np.lexsort((open_ones, -depth_m[open_ones], np.round(wanting, 12)))
        pick = int(open_ones[order[0]])
        if households[pick] > left:
            pick = int(open_ones[np.lexsort((open_ones, np.abs(households[open_ones] - left)))[0]])
        stays[pick] = False
        taken[compound[pick]] += households[pick]
        left -= int(households[pick])
    return stays
