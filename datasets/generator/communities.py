"""Communities: neighbouring plots, about equally many households, on one bank of the river each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from datasets.generator.misfit import Misfit

NUM_ANGLES = 12
"""Directions tried for each cut."""

LANE_PENALTY = 2.5
"""A metre of border along a lane costs as much as so many along an arterial road, so that blocks stay whole."""


def neighbours(shapes: list[shapely.Polygon]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Pairs of plots with a common border, shape (m, 2), and its length in metres, shape (m,)."""
    tree = shapely.STRtree(shapes)
    first, second = tree.query(shapes, predicate="intersects")
    pairs = np.array(sorted({(int(a), int(b)) for a, b in zip(first, second, strict=True) if a < b}), dtype=np.int64)
    border = [float(shapely.intersection(shapes[a], shapes[b].buffer(0.05)).length) / 2 for a, b in pairs]
    length = np.array(border)
    return pairs[length > 15.0], length[length > 15.0]


def group_plots(
    middle: npt.NDArray[np.float64],
    households: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    border_m: npt.NDArray[np.float64],
    sizes: Sequence[float],
    lines: Sequence[int],
    imbalance_m: float,
) -> npt.NDArray[np.int64]:
    """Community of every plot, 0 … len(sizes) - 1, by halving again and again.

    Parts that no pair connects (banks of a river) are never in one community; each gets its share of them.

    Parameters
    ----------
    middle : float array, shape (n, 2)
    households : int array, shape (n,)
    pairs, border_m
        Neighbours that may share a community; the length is weighted already.
    sizes : sequence of float
        How large each community is in proportion to the others.
    lines : sequence of int
        Positions in `sizes` where a township ends: the first cuts run there, so that townships are in one piece.
    imbalance_m : float
        Metres of border that a cut may save for one share of imbalance.

    Raises
    ------
    Misfit
        More separate parts with households than communities.
    """
    group = np.full(len(middle), -1, dtype=np.int64)
    size = np.asarray(sizes, dtype=np.float64) / np.mean(sizes)
    banks = parts(np.arange(len(middle)), pairs, len(middle))
    total = int(households.sum())
    wanted = [int(households[part].sum()) * len(size) / total for part in banks]
    shares = _apportion(wanted, len(size))
    if any(share == 0 for share in shares):
        raise Misfit("a bank of the river has too few households for a community")
    ends = np.cumsum(shares).tolist()
    stack = [(part, end - share, end) for part, share, end in zip(banks, shares, ends, strict=True)][::-1]
    while stack:
        members, first, end = stack.pop()
        if end - first == 1:
            group[members] = first
            continue
        at = _halfway(first, end, lines)
        halves = float(size[first:at].sum()), float(size[at:end].sum())
        one, other = _cut(members, halves, middle, households, pairs, border_m, imbalance_m)
        stack += [(other, at, end), (one, first, at)]
    return group


def _halfway(first: int, end: int, lines: Sequence[int]) -> int:
    """Where communities first … end - 1 are parted: at the line of a township that is nearest the middle, if any."""
    middle = first + (end - first) // 2
    return min((line for line in lines if first < line < end), key=lambda line: abs(line - middle), default=middle)


def parts(members: npt.NDArray[np.int64], pairs: npt.NDArray[np.int64], num: int) -> list[npt.NDArray[np.int64]]:
    """The members in connected parts, by pairs of which both ends are members; `num` plots there are in all."""
    inside = np.zeros(num, dtype=bool)
    inside[members] = True
    held = pairs[inside[pairs[:, 0]] & inside[pairs[:, 1]]]
    links = csr_array((np.ones(len(held)), (held[:, 0], held[:, 1])), shape=(num, num))
    label = connected_components(links, directed=False)[1][members]
    return [members[label == value] for value in dict.fromkeys(label.tolist())]


def _apportion(wanted: list[float], num: int) -> list[int]:
    """Whole shares by largest remainder."""
    shares = [int(value) for value in wanted]
    order = sorted(range(len(wanted)), key=lambda i: (shares[i] - wanted[i], i))
    for i in order[: num - sum(shares)]:
        shares[i] += 1
    return shares


def _cut(
    members: npt.NDArray[np.int64],
    halves: tuple[float, float],
    middle: npt.NDArray[np.float64],
    households: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
    border_m: npt.NDArray[np.float64],
    imbalance_m: float,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The best straight cut by size, both sides in one piece; a size of 1 is a usual community."""
    best: tuple[float, npt.NDArray[np.int64], npt.NDArray[np.int64]] | None = None
    share = sum(halves)
    want = halves[0] / share
    for angle in np.arange(2 * NUM_ANGLES) * np.pi / NUM_ANGLES:
        order = members[np.argsort(middle[members] @ np.array([np.cos(angle), np.sin(angle)]), kind="stable")]
        filled = np.cumsum(households[order]) / households[order].sum()
        near = int(np.argmin(np.abs(filled - want)))
        for last in range(max(0, near - 3), min(len(order) - 1, near + 4)):
            one, other = np.sort(order[: last + 1]), np.sort(order[last + 1 :])
            off = abs(float(filled[last]) - want) * share
            if off > 0.22 or len(parts(one, pairs, len(middle))) > 1 or len(parts(other, pairs, len(middle))) > 1:
                continue
            side = np.zeros(len(middle), dtype=np.int64)
            side[one], side[other] = 1, 2
            crossing = (side[pairs[:, 0]] * side[pairs[:, 1]]) == 2
            cost = float(border_m[crossing].sum()) + imbalance_m * off**2
            if best is None or cost < best[0] - 1e-9:
                best = (cost, one, other)
    if best is None:
        raise Misfit("no straight cut leaves both sides in one piece")
    return best[1], best[2]
