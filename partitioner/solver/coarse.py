"""A coarser view of a piece: clusters of nodes as nodes, so that a search moves whole parts of groups at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from partitioner.model import IntArray
from partitioner.solver.kernels.case import Case
from partitioner.solver.kernels.coarsen import cluster_nodes, medoids
from partitioner.solver.pieces import Piece, lists_of


@dataclass(frozen=True, kw_only=True, eq=False)
class Coarse:
    """A piece of clusters, and the cluster of every node of the piece it was made from."""

    piece: Piece
    cluster: IntArray


def coarsened(piece: Piece, rng: npt.NDArray[np.uint64], households: int, label: IntArray | None = None) -> Coarse:
    """Clusters of about `households` each that lie in one group (and in one slot of `label`, where given).

    Only the middle of each cluster may be a centre, so a partition costs at least as much here as it does in `piece`.
    """
    case = piece.case
    kept = np.zeros(len(case.households), dtype=np.int64) if label is None else np.ascontiguousarray(label)
    cluster, num = cluster_nodes(case, rng, households, kept)
    small = _case_of(case, cluster, int(num))
    return Coarse(
        piece=Piece(
            units=piece.units,
            node_of=cluster[piece.node_of],
            case=small,
            num_groups=piece.num_groups,
            components=tuple(np.unique(cluster[nodes]) for nodes in piece.components),
            unknown_walk=piece.unknown_walk,
        ),
        cluster=cluster,
    )


def _case_of(case: Case, cluster: IntArray, num: int) -> Case:
    order = np.argsort(cluster, kind="stable")
    first = np.searchsorted(cluster[order], np.arange(num))
    centre = medoids(case, cluster, num)
    far = np.zeros((0, 0), dtype=np.uint8)
    if case.far.shape[0]:
        far = np.maximum.reduceat(case.far[centre][:, order], first, axis=1)
    walk = np.add.reduceat(case.walk[centre][:, order], first, axis=1)
    start, neighbour, length = _graph(case, cluster, num)
    owner = np.repeat(cluster, np.diff(case.group_start))
    group_start, group_item = lists_of(num, owner, case.group_item, distinct=True)
    apart_owner = np.repeat(cluster, np.diff(case.apart_start))
    apart_start, apart_item = lists_of(num, apart_owner, cluster[case.apart_item], distinct=True)
    previous_start, previous_item, previous_households = _previous(case, cluster, num)
    return case._replace(
        households=np.add.reduceat(case.households[order], first),
        start=start,
        neighbour=neighbour,
        length=length,
        unit_start=np.arange(num + 1),
        unit_item=np.arange(num),
        walk=walk,
        far=far,
        group_start=group_start,
        group_item=group_item,
        previous_start=previous_start,
        previous_item=previous_item,
        previous_households=previous_households,
        apart_start=apart_start,
        apart_item=apart_item,
    )


def _graph(case: Case, cluster: IntArray, num: int) -> tuple[IntArray, IntArray, npt.NDArray[np.float64]]:
    """Clusters are joined by their shortest edge."""
    ends = np.repeat(cluster, np.diff(case.start))
    others = cluster[case.neighbour]
    across = ends != others
    pair = ends[across] * num + others[across]
    order = np.lexsort((case.length[across], pair))
    distinct, place = np.unique(pair[order], return_index=True)
    start = np.searchsorted(distinct, np.arange(num + 1) * num)
    return start, distinct % num, np.ascontiguousarray(case.length[across][order][place])


def _previous(case: Case, cluster: IntArray, num: int) -> tuple[IntArray, IntArray, IntArray]:
    if not len(case.previous_item):
        return np.zeros(num + 1, dtype=np.int64), case.previous_item, case.previous_households
    span = int(case.previous_item.max()) + 1
    pair = np.repeat(cluster, np.diff(case.previous_start)) * span + case.previous_item
    distinct, place = np.unique(pair, return_inverse=True)
    households = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(households, place, case.previous_households)
    return np.searchsorted(distinct, np.arange(num + 1) * span), distinct % span, households
