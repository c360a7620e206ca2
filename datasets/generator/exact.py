"""Published totals that a drawn town is adjusted to, building by building."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datasets.generator.interiors import size_of
from datasets.generator.kinds import Size
from datasets.generator.misfit import Misfit
from datasets.generator.settings import Exactly


def exact_sizes(sizes: Sequence[Size], exactly: Exactly, rng: np.random.Generator) -> list[Size]:
    """The buildings with the households and stairwells that are asked for; unchanged where nothing is.

    Raises
    ------
    Misfit
        The town is too far from the figures.
    """
    found = list(sizes)
    if exactly.households is not None:
        found = _settled(found, exactly.households, rng)
    if exactly.stairwells is not None:
        found = _parted(found, exactly.stairwells, rng)
    return found


def exact_residents(households: Sequence[int], total: int, rng: np.random.Generator) -> list[int]:
    """Residents of each building: one to four in a household, `total` in all."""
    homes = np.asarray(households, dtype=np.int64)
    residents = homes + rng.binomial(3 * homes, (total / homes.sum() - 1) / 3)
    order = rng.permutation(np.flatnonzero(homes))
    while (missing := total - int(residents.sum())) != 0:
        step = 1 if missing > 0 else -1
        fits = order[(residents + step >= homes)[order] & (residents + step <= 4 * homes)[order]][: abs(missing)]
        residents[fits] += step
    return [int(number) for number in residents]


def shared(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole shares by weight, largest remainders first."""
    exact = np.asarray(weights, dtype=np.float64) * total / sum(weights)
    shares = exact.astype(np.int64)
    order = np.lexsort((np.arange(len(exact)), np.round(shares - exact, 9)))
    shares[order[: total - int(shares.sum())]] += 1
    return [int(share) for share in shares]


def _settled(sizes: Sequence[Size], households: int, rng: np.random.Generator) -> list[Size]:
    """The buildings with so many households in all: some vacant homes fill, or some homes fall vacant.

    Raises
    ------
    Misfit
        More homes would have to change than show in a town of this size (one in fifty).
    """
    wanting = households - sum(size.households for size in sizes)
    inside = [np.array(size.by_floor, dtype=np.int64) for size in sizes]
    spots = [
        (b, s, f)
        for b, homes in enumerate(inside)
        if homes.size
        for s, f in np.argwhere((homes > 0) & (homes < homes.max()) if wanting > 0 else homes > 1).tolist()
    ]
    if abs(wanting) > min(len(spots), households / 50):
        raise Misfit(f"{households} households are {abs(wanting)} homes away")
    for position in rng.permutation(len(spots))[: abs(wanting)].tolist():
        b, s, f = spots[position]
        inside[b][s, f] += 1 if wanting > 0 else -1
    return [size_of(homes) if homes.size else size for homes, size in zip(inside, sizes, strict=True)]


def _parted(sizes: Sequence[Size], stairwells: int, rng: np.random.Generator) -> list[Size]:
    """The buildings with so many stairwells in all: towers of one stairwell get a second one, and the homes are shared.

    Raises
    ------
    Misfit
        There are more stairwells already, or too few towers.
    """
    wanting = stairwells - sum(size.stairwells for size in sizes)
    towers = [b for b, size in enumerate(sizes) if len(size.by_floor) == 1]
    if not 0 <= wanting <= len(towers):
        raise Misfit(f"{stairwells} stairwells cannot be had from {stairwells - wanting} with {len(towers)} towers")
    found = list(sizes)
    for position in rng.permutation(len(towers))[:wanting].tolist():
        b = towers[position]
        homes = np.array(sizes[b].by_floor[0])
        turn = np.arange(len(homes)) % 2
        found[b] = size_of(np.stack([(homes + turn) // 2, (homes + 1 - turn) // 2]))
    return found
