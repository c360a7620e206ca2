"""What a planner should know of numbers that were made when buildings were opened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from partitioner.errors import Fault, Text
from partitioner.geometry.named import named
from partitioner.microgrid import Slices


def notices_of_slices(names: Sequence[str], slices: Slices) -> tuple[Fault, ...]:
    """One notice for all buildings of assumed shape, one for all whose households were shared evenly."""
    found = []
    assumed = np.unique(slices.building[slices.assumed])
    if len(assumed):
        which = named(names[b] for b in assumed.tolist())
        found.append(
            Fault(
                rule="slices_assumed",
                message=Text(
                    f"{len(assumed)} 栋楼的单元数或层数未知，已按户数推定：{which.zh}",
                    f"{len(assumed)} buildings have unknown stairwells or floors, which were assumed from their "
                    f"households: {which.en}",
                ),
                remedy=Text(
                    "请在楼栋台账中补填单元数、层数，或给出单元台账；推定规则见规则模板的 [slices]",
                    "fill in stairwells and floors, or give a ledger of stairwells; the assumptions stand in the "
                    "profile under [slices]",
                ),
            )
        )
    shared = np.unique(slices.building[slices.estimated & ~slices.assumed])
    if len(shared):
        which = named(names[b] for b in shared.tolist())
        found.append(
            Fault(
                rule="slices_shared",
                message=Text(
                    f"{len(shared)} 栋楼没有分单元、分层户数，已平均分配：{which.zh}",
                    f"{len(shared)} buildings have no households by stairwell and floor; they were shared evenly: "
                    f"{which.en}",
                ),
                remedy=Text("如需准确数，请给出单元台账", "for exact numbers give a ledger of stairwells"),
            )
        )
    return tuple(found)
