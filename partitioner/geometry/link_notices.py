"""What a planner should know about the links between units: gaps, cuts, bridges, and who is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.errors import Fault, Text
from partitioner.geometry.barriers import Effects
from partitioner.geometry.borders import Pairs
from partitioner.geometry.components import components
from partitioner.geometry.named import named
from partitioner.model import FloatArray, IntArray, Labels


@dataclass(frozen=True, kw_only=True, eq=False)
class Links:
    """Candidate pairs and what became of them; all arrays have one entry per pair."""

    pairs: Pairs
    used: npt.NDArray[np.bool_]
    far: npt.NDArray[np.bool_]
    cut: npt.NDArray[np.bool_]
    effects: Effects
    length_m: FloatArray


def notices_of(
    links: Links, *, ids: Sequence[str], parents: Labels, cells: npt.NDArray[np.object_] | None
) -> tuple[Fault, ...]:
    """All notices, in a fixed order."""
    found = [
        *_far(links, ids),
        *_barriers(links),
        *_pieces(links, ids, parents),
        *_landless(cells, ids),
    ]
    return tuple(found)


def _far(links: Links, ids: Sequence[str]) -> list[Fault]:
    at = np.flatnonzero(links.far)
    if not len(at):
        return []
    at = at[np.argsort(-links.length_m[at], kind="stable")]
    a, b = links.pairs.a[at].tolist(), links.pairs.b[at].tolist()
    which = named(f"{ids[u]}–{ids[v]} ({m:.0f} m)" for u, v, m in zip(a, b, links.length_m[at].tolist(), strict=True))
    return [
        Fault(
            rule="far_link",
            message=Text(
                f"有 {len(at)} 处房屋与其他房屋之间隔着空地，已用最短连线接通：{which.zh}",
                f"Closed by the shortest link: {len(at)} {_plural(len(at), 'gap')} of empty land: {which.en}",
            ),
            remedy=Text(
                "若两侧不宜划入同一网格，请把中间的障碍（如河流、铁路）作为硬边界加入",
                "If the two sides should not share a grid, add what lies between them as a hard barrier",
            ),
        )
    ]


def _barriers(links: Links) -> list[Fault]:
    num_cut, num_bridged = int(links.cut.sum()), int(links.effects.bridged.sum())
    num_passages = links.effects.num_passages
    if not num_cut and not num_bridged:
        return []
    return [
        Fault(
            rule="barrier_effect",
            message=Text(
                f"硬边界切断了 {num_cut} 对相邻房屋，另有 {num_bridged} 对经桥梁或道路通行处保持相邻"
                f"（桥梁、道路与硬边界相交共 {num_passages} 处）",
                f"Hard barriers part {num_cut} {_plural(num_cut, 'pair')} of neighbours; {num_bridged} more stay "
                f"neighbours over bridges or where roads pass (passages found: {num_passages})",
            ),
            remedy=Text(
                "请在地图上核对；缺少的桥梁可作为 kind=bridge、crossing=open 加入",
                "Check on the map; a missing bridge can be added with kind=bridge and crossing=open",
            ),
        )
    ]


def _pieces(links: Links, ids: Sequence[str], parents: Labels) -> list[Fault]:
    """Units without any edge, and pieces of the whole or of one parent that only hard barriers keep apart."""
    num = len(ids)
    used = links.used
    a, b = links.pairs.a[used], links.pairs.b[used]
    alone = np.bincount(np.concatenate([a, b]), minlength=num) == 0
    faults = []
    if alone.any() and num > 1:
        which = named(ids[k] for k in np.flatnonzero(alone).tolist())
        faults.append(
            Fault(
                rule="unit_isolated",
                message=Text(
                    f"{int(alone.sum())} 栋楼没有任何相邻楼栋：{which.zh}",
                    f"Without any neighbour: {int(alone.sum())} {_plural(int(alone.sum()), 'building')}: {which.en}",
                ),
                remedy=_BRIDGE_REMEDY,
            )
        )
    piece = components(num, a, b)
    faults += [_enclosed(members, ids, None) for members in _smaller(piece, np.arange(num), alone)]
    if len(set(parents.code.tolist())) > 1:
        same = parents.code[a] == parents.code[b]
        own = components(num, a[same], b[same])
        for code in range(-1, len(parents.names)):
            members = np.flatnonzero(parents.code == code)
            # A piece that stands alone in the whole map has been named above.
            name = None if code < 0 else parents.names[code]
            for part in _smaller(own[members], members, alone):
                if len(np.unique(piece[members])) == 1 or not _is_whole(piece, part):
                    faults.append(_enclosed(part, ids, name or "—"))
    return faults


_BRIDGE_REMEDY = Text(
    "这些楼只能自成网格；若有桥梁、涵洞或路口，请作为 kind=bridge、crossing=open 加入，或把该边界改为软边界",
    "They can only form grids of their own; if there is a bridge, underpass or crossing, add it with kind=bridge and "
    "crossing=open, or make that barrier soft",
)


def _smaller(piece: IntArray, members: IntArray, alone: npt.NDArray[Any]) -> list[IntArray]:
    """All pieces but the largest, without single units that are named elsewhere."""
    codes, sizes = np.unique(piece, return_counts=True)
    parts = [members[piece == code] for code in codes[np.argsort(-sizes, kind="stable")][1:].tolist()]
    return [part for part in parts if not (len(part) == 1 and alone[part[0]])]


def _plural(num: int, word: str) -> str:
    return word if num == 1 else f"{word}s"


def _is_whole(piece: IntArray, part: IntArray) -> bool:
    return int((piece == piece[part[0]]).sum()) == len(part)


def _enclosed(members: IntArray, ids: Sequence[str], parent: str | None) -> Fault:
    which = named(ids[k] for k in members.tolist())
    num = f"{len(members)} {_plural(len(members), 'building')}"
    within = Text("", "") if parent is None else Text(f"（“{parent}”内）", f" of “{parent}”")
    return Fault(
        rule="piece_enclosed",
        message=Text(
            f"{len(members)} 栋楼{within.zh}被硬边界与其余部分隔开：{which.zh}",
            f"Hard barriers part {num}{within.en} from the rest: {which.en}",
        ),
        remedy=_BRIDGE_REMEDY,
    )


def _landless(cells: npt.NDArray[np.object_] | None, ids: Sequence[str]) -> list[Fault]:
    none = np.flatnonzero(shapely.is_empty(cells)) if cells is not None else np.empty(0, dtype=np.int64)
    if not len(none):
        return []
    which = named(ids[k] for k in none.tolist())
    return [
        Fault(
            rule="unit_without_land",
            message=Text(
                f"{len(none)} 栋楼在所属区域内没有分到地块，图上不显示其面：{which.zh}",
                f"Without land in their area, hence without a polygon on maps: {len(none)} "
                f"{_plural(len(none), 'building')}: {which.en}",
            ),
            remedy=Text("请核对其位置与所属社区", "Check their position and their community"),
        )
    ]
