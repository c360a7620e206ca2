"""Compiling what a redraw needs beside the solver, before any clock runs."""

from __future__ import annotations

import threading

import numpy as np

from partitioner.model import Bounds, Graph, Labels, Problem, Units
from partitioner.redraw.freezing import Frozen, fixed
from partitioner.redraw.near_part import near_parts
from partitioner.redraw.region import region_of
from partitioner.redraw.standing import standing
from partitioner.solver import warm_up
from partitioner.solver.limits import StopSignal

_lock = threading.Lock()
_done = False


def ready() -> None:
    """Compile, or load what was compiled before; at once when that has been done in this process."""
    global _done
    warm_up.ready()
    with _lock:
        if not _done:
            _list_some()
            _done = True


def _list_some() -> None:
    """Two previous grids of two units in a row."""
    problem = Problem(
        units=Units(id=tuple("abcd"), households=np.full(4, 2), previous=Labels("xxyy")),
        graph=Graph(num_units=4, u=np.arange(3), v=np.arange(1, 4), length_m=np.ones(3)),
        bounds=Bounds(min=2, max=6),
    )
    held = fixed(problem, Frozen())
    with StopSignal(None, None) as signal:
        region = region_of(problem, (), standing(problem, held), (0, 1), signal)
        for near in near_parts(problem, region, held):
            near.listed(np.ones(4), 4.0, signal, visits=100)
