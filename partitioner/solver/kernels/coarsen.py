"""Clusters of neighbouring nodes of the same groups: what a coarser view of a piece takes as one node."""

from __future__ import annotations

import numpy as np

from partitioner.compiling import kernel
from partitioner.solver.kernels.chance import below


@kernel
def alike(case, a, b, label):
    """Whether two nodes may share a cluster: same slot, same groups, and nothing that must stay apart from either."""
    if label[a] != label[b]:
        return False
    if case.apart_start[a + 1] > case.apart_start[a] or case.apart_start[b + 1] > case.apart_start[b]:
        return False
    num = case.group_start[a + 1] - case.group_start[a]
    if case.group_start[b + 1] - case.group_start[b] != num:
        return False
    for i in range(num):
        if case.group_item[case.group_start[a] + i] != case.group_item[case.group_start[b] + i]:
            return False
    return True


@kernel
def cluster_nodes(case, rng, most, label):
    """Connected clusters of about `most` households, grown from random nodes along short ways.

    Parameters
    ----------
    most : int
        Households of a cluster at which it stops growing; what is left over between clusters joins a neighbour.
    label : int array, shape (n,)
        Clusters never cross it; all zero where nothing is to be kept.

    Returns
    -------
    cluster : int array, shape (n,), and the number of clusters
    """
    num = len(case.households)
    order = np.arange(num)
    for i in range(num - 1, 0, -1):
        j = below(rng, i + 1)
        order[i], order[j] = order[j], order[i]
    cluster = np.full(num, -1, dtype=np.int64)
    load = np.zeros(num, dtype=np.int64)
    distance = np.full(num, np.inf)
    frontier = np.empty(num, dtype=np.int64)
    clusters = 0
    for seed in order:
        if cluster[seed] >= 0:
            continue
        frontier[0] = seed
        waiting = 1
        distance[seed] = 0.0
        while waiting > 0:
            nearest = 0
            for i in range(1, waiting):
                if distance[frontier[i]] < distance[frontier[nearest]]:
                    nearest = i
            node = frontier[nearest]
            waiting -= 1
            frontier[nearest] = frontier[waiting]
            if load[clusters] > 0 and load[clusters] + case.households[node] > most:
                distance[node] = np.inf
                continue
            cluster[node] = clusters
            load[clusters] += max(case.households[node], 1)
            for i in range(case.start[node], case.start[node + 1]):
                other = case.neighbour[i]
                if cluster[other] >= 0 or not alike(case, seed, other, label):
                    continue
                there = distance[node] + case.length[i] + 1.0
                if distance[other] == np.inf:
                    frontier[waiting] = other
                    waiting += 1
                if there < distance[other]:
                    distance[other] = there
        clusters += 1
    _join_fragments(case, cluster, load, clusters, most, label)
    return _renumbered(cluster, clusters)


@kernel
def _join_fragments(case, cluster, load, clusters, most, label):
    """Clusters below a third of the size join the smallest neighbour that may take them."""
    num = len(cluster)
    members = np.argsort(cluster, kind="mergesort")
    joined = np.zeros(clusters, dtype=np.bool_)
    at = 0
    for fragment in range(clusters):
        first = at
        while at < num and cluster[members[at]] == fragment:
            at += 1
        # What others have joined is no longer one stretch of `members`: it stays.
        if 3 * load[fragment] >= most or joined[fragment]:
            continue
        best = -1
        for k in range(first, at):
            node = members[k]
            for i in range(case.start[node], case.start[node + 1]):
                home = cluster[case.neighbour[i]]
                if home == fragment or 2 * load[home] > 3 * most or (best >= 0 and load[home] >= load[best]):
                    continue
                if alike(case, node, case.neighbour[i], label):
                    best = home
        if best >= 0:
            for k in range(first, at):
                cluster[members[k]] = best
            load[best] += load[fragment]
            load[fragment] = 0
            joined[best] = True


@kernel
def _renumbered(cluster, clusters):
    new = np.full(clusters, -1, dtype=np.int64)
    num = 0
    for node in range(len(cluster)):
        if new[cluster[node]] < 0:
            new[cluster[node]] = num
            num += 1
        cluster[node] = new[cluster[node]]
    return cluster, num


@kernel
def medoids(case, cluster, num):
    """The unit of each cluster to which the rest of it walks least."""
    best = np.full(num, np.inf)
    result = np.zeros(num, dtype=np.int64)
    members = np.argsort(cluster, kind="mergesort")
    start = np.searchsorted(cluster[members], np.arange(num + 1))
    for c in range(num):
        for i in range(start[c], start[c + 1]):
            node = members[i]
            for j in range(case.unit_start[node], case.unit_start[node + 1]):
                centre = case.unit_item[j]
                total = 0.0
                for k in range(start[c], start[c + 1]):
                    total += case.walk[centre, members[k]]
                if total < best[c]:
                    best[c] = total
                    result[c] = centre
    return result
