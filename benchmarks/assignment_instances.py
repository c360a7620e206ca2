"""Generalised assignment after the published recipes of classes a–e (OR-Library; Chu & Beasley 1997,
doi:10.1016/S0305-0548(96)00032-9; class e: Laguna et al. 1995, doi:10.1016/0377-2217(93)E0174-V).

Jobs are posts with one person each, agents are people with a hard limit; the cost of a pair stands for its metres.
"""

from __future__ import annotations

import numpy as np

from partitioner.model import IntArray
from partitioner.staffing.pieces import Piece

CLASSES = ("a", "b", "c", "d", "e")


def generalised_assignment(kind: str, num_agents: int, num_jobs: int, seed: int) -> Piece:
    """An instance of one class; cost is to be least."""
    rng = np.random.default_rng(seed)
    shape = (num_agents, num_jobs)
    need, cost = rng.integers(5, 26, shape), rng.integers(10, 51, shape)
    if kind == "d":
        need = rng.integers(1, 101, shape)
        cost = 111 - need + rng.integers(-10, 11, shape)
    if kind == "e":
        need = np.floor(1.0 - 10.0 * np.log(1.0 - rng.random(shape))).astype(np.int64)
        cost = np.floor(1000.0 / need - 10.0 * rng.random(shape)).astype(np.int64)
    room = (0.8 * need.sum(axis=1) / num_agents).astype(np.int64)
    if kind in "ab":
        room[:] = int(0.6 * num_jobs / num_agents * 15 + 0.4 * _heaviest_if_cheapest(need, cost))
        if kind == "b":
            room = (0.7 * room).astype(np.int64)
    return _piece(need, np.maximum(cost, 0), room)


def _heaviest_if_cheapest(need: IntArray, cost: IntArray) -> int:
    """The highest load if every job went where it is cheapest."""
    cheapest = np.argmin(cost, axis=0)
    return int(np.bincount(cheapest, weights=need[cheapest, np.arange(need.shape[1])], minlength=len(need)).max())


def _piece(need: IntArray, cost: IntArray, room: IntArray) -> Piece:
    num_agents, num_jobs = need.shape
    ones = np.ones(num_jobs, dtype=np.int64)
    return Piece(
        pair_person=np.repeat(np.arange(num_agents), num_jobs),
        pair_target=np.tile(np.arange(num_jobs), num_agents),
        pair_load=need.ravel(),
        metres=cost.ravel(),
        previous=np.zeros(need.size, dtype=bool),
        must=np.zeros(need.size, dtype=bool),
        min_posts=np.zeros(num_agents, dtype=np.int64),
        max_posts=np.full(num_agents, num_jobs),
        capacity=room,
        fair=np.zeros(num_agents, dtype=np.int64),
        limit=room,
        min_people=ones,
        max_people=ones,
        people_at=np.arange(num_agents),
        targets_at=np.arange(num_jobs),
    )
