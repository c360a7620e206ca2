"""Benchmark instances: towns as a graph and numbers only, without any shapes.

Buildings stand in rows inside rectangular compounds, compounds along streets; neighbours are Delaunay edges of the
centroids without the long ones. One class per planning situation:

=========  =====================  ==================  =================================================
class      units                  households          who lives there
=========  =====================  ==================  =================================================
community  at most 75             1,500–3,000         walk-ups, slabs, towers, some courtyards
town       90–150                 4,000–10,000        the same mix, from low-rise to high-rise by seed
village    given (2,000)          about 1.4 per unit  houses of 1–3 households in hamlets
city       given (3,000)          about 55 per unit   all kinds, villages at the rim
county     given (10,000)         about 50 per unit   a city cut into communities, which are parents
=========  =====================  ==================  =================================================

For all levels at once there is `big_county`: a county with shapes, townships, communities, stairwells and floors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial import Delaunay, cKDTree

from datasets.generator.kinds import KINDS
from datasets.lattice import big_county as big_county
from partitioner.model import Bounds, FloatArray, Graph, IntArray, Labels, Problem, Units

BOUNDS = Bounds(min=300, max=500, target=400)
"""The usual bounds of grids."""

STREET_M = 24.0
"""Between neighbouring compounds, metres."""

REACH = 1.9
"""An edge may be so many times as long as the usual edge at its ends (see `neighbour_edges`)."""

NEAR_M = 130.0
"""Delaunay edges up to this length stay, whatever their surroundings, metres."""

BYWAY = 1.08
"""An edge is hidden behind a third unit when the way over that unit is at most so many times as long."""

STRIP_M = {"walkup": 140.0, "slab": 140.0, "tower": 150.0, "courtyard": 110.0, "house": 260.0}
"""About how deep a compound is from north to south, metres."""

COMPOUND_SIZE = {"walkup": (3, 12), "slab": (3, 10), "tower": (3, 9), "courtyard": (6, 20), "house": (60, 260)}
"""Buildings per compound, inclusive."""

COMMUNITY_HOUSEHOLDS = 2_250
"""What a community of a county holds about: the middle of 1,500–3,000."""

CUT_TOLERANCE = 250
"""A cut between communities may miss its share by so many households to run between compounds."""

MAX_STRETCH = 2.0
"""How far the rows of a shallow compound are pulled apart to reach the next street."""


@dataclass(frozen=True, kw_only=True)
class _Compound:
    """Buildings of one compound, placed from its south-west corner."""

    x: FloatArray
    y: FloatArray
    households: IntArray
    width_m: float
    depth_m: float


def community(seed: int) -> Problem:
    """One community: at most 75 units, 1,500–3,000 households."""
    rng = np.random.default_rng([1, seed])
    shares = _shares(rng, walkup=0.55, slab=0.25, tower=0.1, courtyard=0.1)
    return _until(
        lambda: _problem(f"community-{seed}", _compounds(rng, shares, int(rng.integers(38, 76))), rng),
        households=(1_500, 3_000),
    )


def town(seed: int, num_units: int | None = None) -> Problem:
    """A part of a town: 90–150 units, 4,000–10,000 households (in proportion for other numbers of units)."""
    rng = np.random.default_rng([2, seed])
    num = int(rng.integers(90, 151)) if num_units is None else num_units
    shares = _shares(rng, walkup=0.5, slab=0.25, tower=0.1, courtyard=0.15)
    least, most = round(4_000 * min(1.0, num / 90)), round(10_000 * max(1.0, num / 150))
    return _until(lambda: _problem(f"town-{seed}", _compounds(rng, shares, num), rng), households=(least, most))


def village(seed: int, num_units: int = 2_000) -> Problem:
    """Hamlets of single houses, one to three households each; the hamlet is the group."""
    rng = np.random.default_rng([3, seed])
    return _problem(f"village-{seed}", _compounds(rng, {"house": 1.0}, num_units), rng, street_m=60.0)


def city(seed: int, num_units: int = 3_000) -> Problem:
    """A whole city without communities: blocks of all kinds and some absorbed villages."""
    rng = np.random.default_rng([4, seed])
    shares = _shares(rng, walkup=0.55, slab=0.2, tower=0.08, courtyard=0.1, house=0.07)
    return _problem(f"city-{seed}", _compounds(rng, shares, num_units), rng)


def county(seed: int, num_units: int = 10_000) -> Problem:
    """A city cut into connected communities of about 2,250 households, which grids may not leave.

    Cuts run between compounds where one lies near enough to the middle; else they go through a compound.
    """
    problem = city(seed, num_units)
    units, graph = problem.units, problem.graph
    assert units.x is not None
    assert units.y is not None
    points = np.column_stack([units.x, units.y])
    parts = [np.arange(len(units))]
    communities: list[IntArray] = []
    while parts:
        part = parts.pop()
        num = max(1, round(int(units.households[part].sum()) / COMMUNITY_HOUSEHOLDS))
        if num == 1:
            communities.append(part)
        else:
            parts.extend(_in_two(part, points, units.households, units.group.code, graph, (num // 2) / num))
    label = np.empty(len(units), dtype=np.int64)
    for number, part in enumerate(sorted(communities, key=lambda part: int(part[0]))):
        label[part] = number + 1
    parent = Labels(f"community-{number}" for number in label.tolist())
    return replace(problem, name=f"county-{seed}", units=replace(units, parent=parent))


def neighbour_edges(x: FloatArray, y: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Delaunay edges that join true neighbours.

    An edge stays when it is short for its surroundings (at most `REACH` times the distance from either end to its
    fourth nearest unit, or at most `NEAR_M`) and no third unit stands almost on its line. Edges of the minimum
    spanning tree always stay: they keep everything in one piece.

    Parameters
    ----------
    x, y : float arrays, shape (n,), metres
        n at least 4, not all on one line.

    Returns
    -------
    u, v : int arrays, shape (m,)
    length_m : float array, shape (m,), metres
    """
    num = len(x)
    points = np.column_stack([x, y])
    corners = np.sort(Delaunay(points).simplices, axis=1).astype(np.int64)
    sides = np.stack([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]], axis=1)
    sides_m = np.linalg.norm(points[sides[..., 0]] - points[sides[..., 1]], axis=-1)
    key = sides[..., 0] * num + sides[..., 1]
    byway_m = sides_m.sum(axis=1, keepdims=True) - sides_m
    hidden = key[byway_m <= BYWAY * sides_m]
    keys = np.unique(key)
    u, v = keys // num, keys % num
    length_m = np.hypot(x[u] - x[v], y[u] - y[v])
    usual_m = cKDTree(points).query(points, k=min(4, num - 1) + 1)[0][:, -1]
    near = length_m <= np.maximum(NEAR_M, REACH * np.maximum(usual_m[u], usual_m[v]))
    tree = minimum_spanning_tree(csr_array((length_m, (u, v)), shape=(num, num))).tocoo()
    in_tree = np.minimum(tree.row, tree.col).astype(np.int64) * num + np.maximum(tree.row, tree.col)
    keep = (near & ~np.isin(keys, hidden)) | np.isin(keys, in_tree)
    return u[keep], v[keep], length_m[keep]


def _in_two(
    part: IntArray, points: FloatArray, households: IntArray, group: IntArray, graph: Graph, share: float
) -> tuple[IntArray, IntArray]:
    """`part` cut across its longer side, with about `share` of the households first; both halves connected."""
    along = int(np.argmax(np.ptp(points[part], axis=0)))
    _, compound = np.unique(group[part], return_inverse=True)
    middle = (np.bincount(compound, weights=points[part, along]) / np.bincount(compound))[compound]
    order = part[np.lexsort((points[part, along], compound, middle))]
    upto = np.cumsum(households[order])
    aim = share * int(upto[-1])
    ends = np.append(np.flatnonzero(np.diff(group[order])), len(order) - 2)
    cut = int(ends[np.argmin(np.abs(upto[ends] - aim))])
    if abs(int(upto[cut]) - aim) > CUT_TOLERANCE:
        cut = min(int(np.searchsorted(upto, aim)), len(order) - 2)
    first, second = order[: cut + 1], order[cut + 1 :]
    # What either cut-off leaves detached belongs to the other side; the part is connected, so this ends in two pieces.
    first, torn = _largest_piece(first, graph)
    second, torn = _largest_piece(np.concatenate([second, torn]), graph)
    return np.sort(np.concatenate([first, torn])), np.sort(second)


def _largest_piece(members: IntArray, graph: Graph) -> tuple[IntArray, IntArray]:
    """The connected piece with the most units, and the rest."""
    _, piece = connected_components(graph.sparse[members][:, members], directed=False)
    largest = piece == int(np.argmax(np.bincount(piece)))
    return members[largest], members[~largest]


def _shares(rng: np.random.Generator, **usual: float) -> dict[str, float]:
    """Shares of the kinds by buildings, drawn around the usual ones, so that seeds differ in character."""
    drawn = rng.dirichlet(10.0 * np.array(list(usual.values())))
    return dict(zip(usual, drawn.tolist(), strict=True))


def _compounds(rng: np.random.Generator, shares: dict[str, float], num_units: int) -> list[_Compound]:
    """Compounds with `num_units` buildings in all; kinds by share of the buildings."""
    kinds = sorted(shares)
    mean_size = np.array([sum(COMPOUND_SIZE[kind]) / 2 for kind in kinds])
    chance = np.array([shares[kind] for kind in kinds]) / mean_size
    chance /= chance.sum()
    compounds: list[_Compound] = []
    left = num_units
    while left > 0:
        kind = kinds[int(rng.choice(len(kinds), p=chance))]
        low, high = COMPOUND_SIZE[kind]
        num = min(left, int(rng.integers(low, high + 1)))
        compounds.append(_compound(rng, kind, num))
        left -= num
    return compounds


def _compound(rng: np.random.Generator, kind_name: str, num: int) -> _Compound:
    """`num` buildings of one kind in rows, a little out of line."""
    kind = KINDS[kind_name]
    sizes = [kind.draw(rng) for _ in range(num)]
    widest_m = kind.length_m(max(size.stairwells for size in sizes)) + kind.side_gap_m
    pitch_m = kind.depth_m + kind.row_gap_m
    per_row = math.ceil(num * pitch_m / STRIP_M[kind_name])
    place = np.arange(num)
    x = (place % per_row + 0.5) * widest_m + rng.normal(0, 0.06 * widest_m, num)
    y = (place // per_row + 0.5) * pitch_m + rng.normal(0, 0.06 * pitch_m, num)
    return _Compound(
        x=x,
        y=y,
        households=np.array([size.households for size in sizes], dtype=np.int64),
        width_m=per_row * widest_m,
        depth_m=math.ceil(num / per_row) * pitch_m,
    )


def _problem(name: str, compounds: list[_Compound], rng: np.random.Generator, street_m: float = STREET_M) -> Problem:
    """Compounds set along streets from west to east, strip after strip, the whole slightly turned and sheared."""
    area = sum((c.width_m + street_m) * (c.depth_m + street_m) for c in compounds)
    width_m = float(np.sqrt(area) * rng.uniform(0.9, 1.3))
    strips: list[list[_Compound]] = [[]]
    for compound in compounds:
        if sum(c.width_m + street_m for c in strips[-1]) + compound.width_m > width_m and strips[-1]:
            strips.append([])
        strips[-1].append(compound)
    xs, ys = [], []
    south = 0.0
    for strip in strips:
        east, deepest_m = 0.0, max(c.depth_m for c in strip)
        for compound in strip:
            xs.append(compound.x + east)
            ys.append(compound.y * min(deepest_m / compound.depth_m, MAX_STRETCH) + south)
            east += compound.width_m + street_m
        south += deepest_m + street_m
    x, y = _turned(np.concatenate(xs), np.concatenate(ys), rng)
    order = np.lexsort((y, x))
    group = np.repeat(np.arange(len(compounds)), [len(c.x) for c in compounds])[order]
    households = np.concatenate([c.households for c in compounds])[order]
    x, y = np.round(x[order], 2), np.round(y[order], 2)
    u, v, length_m = neighbour_edges(x, y)
    units = Units(
        id=tuple(f"b{i + 1}" for i in range(len(x))),
        households=households,
        x=x,
        y=y,
        group=Labels(f"compound-{g + 1}" for g in group.tolist()),
    )
    graph = Graph(num_units=len(x), u=u, v=v, length_m=np.round(length_m, 2))
    return Problem(units=units, graph=graph, bounds=BOUNDS, name=name)


def _turned(x: FloatArray, y: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """The points turned by up to 12° and sheared by up to a tenth."""
    angle, shear = rng.uniform(-0.2, 0.2), rng.uniform(-0.1, 0.1)
    x = x + shear * y
    return np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y


def _until(draw: Callable[[], Problem], *, households: tuple[int, int]) -> Problem:
    """The first draw whose households lie in the range; every draw moves the generator on."""
    for _ in range(1_000):
        problem = draw()
        if households[0] <= int(problem.units.households.sum()) <= households[1]:
            return problem
    raise ValueError(
        f"no town with {households[0]}–{households[1]} households in 1,000 draws: change the seed or num_units"
    )
