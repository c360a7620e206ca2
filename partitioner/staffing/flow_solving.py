"""One minimum-cost flow; a large one runs in a process of its own, which can be ended at any moment.

The solver holds Python's lock while it runs: within this process neither a clock nor a caller could end it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ortools.graph.python import min_cost_flow

from partitioner.model import IntArray

LARGE = 400_000
"""Arcs; fewer take a fraction of a second."""

PAUSE_S = 0.02

Over = Callable[[], bool]
Arcs = tuple[IntArray, IntArray, IntArray, IntArray]
"""Tails, heads, capacities, costs."""

CHILD = """
import sys
import numpy as np
from ortools.graph.python import min_cost_flow
given = np.load(sys.argv[1])
solver = min_cost_flow.SimpleMinCostFlow()
solver.add_arcs_with_capacity_and_unit_cost(given["tail"], given["head"], given["room"], given["cost"])
solver.set_nodes_supplies(np.arange(len(given["supply"])), given["supply"])
status = solver.solve()
if status == solver.INFEASIBLE:
    sys.exit(3)
if status != solver.OPTIMAL:
    sys.exit(f"minimum-cost flow ended with {status}")
np.save(sys.argv[2], solver.flows(np.arange(len(given["tail"]))))
"""


class Infeasible(Exception):
    """No circulation keeps to the bounds of all arcs."""


class Stopped(Exception):
    """The run is over."""


def solved(arcs: Arcs, supply: IntArray, over: Over) -> IntArray:
    """The flow on every arc, by cost scaling (Goldberg 1997); the same in either process.

    Raises
    ------
    Infeasible, Stopped
    """
    if over():
        raise Stopped
    if len(arcs[0]) > LARGE:
        return _apart(arcs, supply, over)
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(*arcs)
    solver.set_nodes_supplies(np.arange(len(supply)), supply)
    status = solver.solve()
    if status == solver.INFEASIBLE:
        raise Infeasible
    if status != solver.OPTIMAL:
        raise RuntimeError(f"minimum-cost flow ended with {status}")
    flow: IntArray = solver.flows(np.arange(len(arcs[0])))
    return flow


def _apart(arcs: Arcs, supply: IntArray, over: Over) -> IntArray:
    with tempfile.TemporaryDirectory(prefix="wangge-flow-") as folder:
        given, found = Path(folder) / "given.npz", Path(folder) / "found.npy"
        tail, head, room, cost = arcs
        np.savez(given, tail=tail, head=head, room=room, cost=cost, supply=supply)
        command = [sys.executable, "-c", CHILD, str(given), str(found)]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as child:
            while child.poll() is None:
                if over():
                    child.kill()
                    raise Stopped
                time.sleep(PAUSE_S)
            said = child.stderr.read().decode(errors="replace") if child.stderr is not None else ""
        if child.returncode == 3:
            raise Infeasible
        if child.returncode != 0:
            raise RuntimeError(said.strip() or f"minimum-cost flow ended with {child.returncode}")
        flow: IntArray = np.load(found)
        return flow
