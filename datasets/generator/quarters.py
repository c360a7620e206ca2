"""What stands on which plot: the kind of each compound, and plots without households."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from datasets.generator.settings import Homes

PUBLIC = ("school", "market", "park", "office", "hospital", "shops")
"""Plots without households, in turn."""


def assign_uses(
    middle: npt.NDArray[np.float64], rim: npt.NDArray[np.bool_], area: npt.NDArray[np.float64], homes: Homes,
    rng: np.random.Generator,
) -> list[str]:  # fmt: skip
    """A use for every buildable plot.

    Villages lie at the rim away from the new district, courtyards in the middle, walk-ups in the old town, slabs and
    towers where the town is new. Public plots are spread evenly.

    Parameters
    ----------
    middle : float array, shape (n, 2)
        Plots on the straight sheet, scaled so that the town spans -1 … 1.
    rim : bool array, shape (n,)
        Plots on the outer edge of the town.
    area : float array, shape (n,), square metres
    homes : Homes
    rng : numpy Generator
    """
    num = len(middle)
    use = [""] * num
    direction = np.array([np.cos(np.deg2rad(homes.new_deg)), np.sin(np.deg2rad(homes.new_deg))])
    new = 0.5 + 0.5 * (middle @ direction) + rng.normal(0, 0.14, num)
    centre = np.hypot(middle[:, 0], middle[:, 1])

    def take(order: npt.NDArray[np.intp], number: int, name: Callable[[int], str]) -> None:
        free = [int(p) for p in order if not use[int(p)]]
        for rank, position in enumerate(free[:number]):
            use[position] = name(rank)

    take(np.argsort(np.where(rim, new, 9.0), kind="stable"), homes.villages, lambda _: "house")
    take(np.argsort(centre + 0.4 * new + 0.000_01 * area, kind="stable"), homes.courtyards, lambda _: "courtyard")
    for position in _spread(middle, [p for p in range(num) if not use[p]], homes.public_plots):
        use[position] = "public"
    for rank, position in enumerate(p for p in range(num) if use[p] == "public"):
        use[position] = PUBLIC[rank % len(PUBLIC)]
    left = [p for p in range(num) if not use[p]]
    shares = list(homes.mix.items()) or _shares(homes.newness)
    ranks = sorted(left, key=lambda p: float(new[p]))
    edges = np.cumsum([share for _, share in shares]) * len(ranks)
    for rank, position in enumerate(ranks):
        use[position] = shares[min(int(np.searchsorted(edges, rank + 0.5)), len(shares) - 1)][0]
    return use


def kind_of_row(use: str) -> Callable[[float], str]:
    """The kind of building by height in the compound: mixed ones have slabs in the south, towers in the north."""
    if use == "mixed":
        return lambda height: "slab" if height < 0.5 else "tower"
    return lambda _: use


def _shares(newness: float) -> list[tuple[str, float]]:
    """Shares of the kinds, from the oldest quarter to the newest."""
    return [
        ("walkup", 1 - newness),
        ("slab", 0.45 * newness),
        ("mixed", 0.3 * newness),
        ("tower", 0.25 * newness + 1e-9),
    ]


def _spread(middle: npt.NDArray[np.float64], free: list[int], number: int) -> list[int]:
    """So many of the free plots, each as far as possible from those before it."""
    if not number:
        return []
    chosen = [min(free, key=lambda p: float(np.hypot(*(middle[p] - 0.1))))]
    while len(chosen) < number:
        far = [min(float(np.hypot(*(middle[p] - middle[c]))) for c in chosen) for p in free]
        chosen.append(free[int(np.argmax(far))])
    return chosen
