"""Search on one piece: tree cuts for a start, annealing and window re-cuts to improve it."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import chain, repeat

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from partitioner.model import IntArray
from partitioner.solver.coarse import coarsened
from partitioner.solver.focus import Focus
from partitioner.solver.kernels.anneal import anneal, totals
from partitioner.solver.kernels.case import Case, State, new_state, rebuild
from partitioner.solver.kernels.chance import make_stream
from partitioner.solver.kernels.recombine import recombine
from partitioner.solver.kernels.tree import cut_into
from partitioner.solver.kernels.windows import recut_windows, sub_case
from partitioner.solver.pieces import Piece
from partitioner.solver.prechecks import count_range

NEAR_COUNTS = 6
"""How many numbers of grids are tried at the start, those nearest to the target first."""

ROUND_STEPS_PER_NODE = 400
"""Candidates per node and annealing round; a window round costs about as much."""

WINDOW_STEPS_PER_NODE = 300
MIN_WINDOWS = 40
WINDOW_ROUND_STEPS_PER_NODE = 8_000
"""What a round of windows may cost where grids hold hundreds of nodes: fewer windows then, so that rounds alternate."""

MEAN_WINDOW = 2.5

REHEATS = (0.05, 0.1, 0.2)
"""Temperatures at which the best plan is annealed again, in average costs of a node."""

FRESH_NODES = 2_000
"""Larger pieces are not started anew: their best plan is out of a new start's reach."""

PATIENCE = 15_000
"""Candidates per node without improvement after which a search is called stalled."""

SMALL_NODES = 100
"""Smaller pieces are searched as patiently as pieces of this many nodes: it costs them nothing."""


COARSE_FROM = 60
"""Where grids hold more nodes than this, most of the search happens on clusters of nodes: single moves cannot carry
half a group across a border that costs money."""

CLUSTERS_PER_GRID = (10, 20, 14, 28)
"""About so many clusters are made per grid, in turn."""

COARSE_STEPS_PER_NODE = 4_000
"""Candidates per cluster of one search on clusters."""

REFINING = 0.03
"""Temperature at which a plan made of clusters is annealed node by node, in average costs of a node."""


CHAIN_FROM = 400
"""Pieces of so many nodes have many grids, and windows that must each pay at once get stuck: a chain is annealed."""

CHAIN_STEPS_PER_NODE = 10
CHAIN_WINDOWS = 3
"""Windows per grid in a round of a chain."""

CHAIN_ROUNDS = 30
CHAIN_GROWTH = 2
LONGEST_CHAIN = 1_920
"""Rounds of the first chain, how many times as long each is as the one before, and the most."""

CHAIN_HEATS = (0.2, 0.3, 0.5, 0.7, 1.0)
"""First temperatures of the chains, in average costs of a node; the last one for all that follow."""

_EVERYWHERE = np.empty(0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """A partition of a piece: slot per node, with what it breaks and costs (terms with `-move·retained`)."""

    label: IntArray
    broken: int
    misfit: int
    cost: float

    @property
    def lawful(self) -> bool:
        """Every rule that the search knows holds."""
        return self.broken == 0 and self.misfit == 0

    def beats(self, other: Found | None) -> bool:
        """Fewer broken rules, then fewer households outside the bounds, then less cost."""
        return other is None or (self.broken, self.misfit, self.cost) < (other.broken, other.misfit, other.cost)


class Search:
    """An endless search on one piece, run round by round.

    Parameters
    ----------
    piece : Piece
    seed, stream : int
        The same numbers give the same rounds.
    flag : bool array, shape (1,)
        Ends a round early once set.

    Whoever runs it may tell before each round in `steps_left` how many candidates it may still try, as far as that is
    known: a chain that is cut off has cooled for nothing. `focus`, where there is one, says which grids a chain should
    look at most.
    """

    def __init__(self, piece: Piece, seed: int, stream: int, flag: npt.NDArray[np.bool_]) -> None:
        self.piece = piece
        self.case: Case = piece.case
        self.flag = flag
        self.rng = make_stream(seed, stream)
        self.best: Found | None = None
        self.steps = 0
        self.steps_left: float | None = None
        self.focus: Focus | None = None
        self._improved_at = 0
        self._rounds = self._plan_rounds()

    def close(self) -> None:
        """End it: rounds that may go on hold the search, and the search holds them."""
        self._rounds.close()

    def round(self) -> bool:
        """One round; True if the best became better."""
        before = self.best
        next(self._rounds)
        improved = self.best is not before
        if improved:
            self._improved_at = self.steps
        return improved

    @property
    def stale(self) -> int:
        """Candidates per node since the best became better; beyond any patience where there is no choice at all."""
        num = len(self.case.households)
        return (self.steps - self._improved_at) // max(num, SMALL_NODES) if num > 1 else sys.maxsize

    def begin_at(self, steps: int) -> None:
        """Go on counting from `steps`, with patience anew."""
        self.steps = self._improved_at = steps

    def offer(self, found: Found) -> bool:
        """Remember `found` if it beats the best."""
        if found.beats(self.best):
            self.best = found
            return True
        return False

    # --- rounds ----------------------------------------------------------------------------------------------------

    def _plan_rounds(self, fresh: bool = True) -> Generator[None, None, None]:
        num = len(self.case.households)
        if num == 1:
            self.offer(self._judged(np.zeros(1, dtype=np.int64)))
            while True:
                yield None
        starts = self._counts()
        yield from self._from_previous()
        if num >= COARSE_FROM * starts[0] and fresh:
            yield from self._coarse_rounds(starts)
        pool: list[tuple[Found, int]] = []
        for grids in starts if fresh else []:
            pool.append((self._fresh(grids, ROUND_STEPS_PER_NODE // 4), grids))
            yield None
        if fresh and self.best is not None and not self.best.lawful:
            for grids in self._other_counts(starts):
                pool.append((self._fresh(grids, ROUND_STEPS_PER_NODE // 4), grids))
                yield None
        pool.sort(key=lambda entry: (entry[0].broken, entry[0].misfit, entry[0].cost))
        chosen = [grids for _, grids in pool]
        turn = 0
        if num >= CHAIN_FROM and not self._redraws:
            yield from self._chains()
        while True:
            # Windows on the best plan pay most; annealing it again, or from a new start, leads out of its valley.
            if turn % 4 == 1:
                self._again(REHEATS[(turn // 4) % len(REHEATS)])
            elif turn % 4 == 3 and num <= FRESH_NODES and fresh:
                self._fresh(chosen[(turn // 4) % min(3, len(chosen))], ROUND_STEPS_PER_NODE * (1 + turn // 4 % 5))
            else:
                self._windows()
            turn += 1
            yield None

    def _coarse_rounds(self, starts: list[int]) -> Iterator[None]:
        """Searches on clusters, from nothing or from the best plan, each refined node by node."""
        turn = 0
        while True:
            per_grid = CLUSTERS_PER_GRID[turn % len(CLUSTERS_PER_GRID)]
            self._on_clusters(per_grid, anew=turn % 4 == 0)
            yield None
            if turn % 4 == 3:
                self._windows()
                yield None
                assert self.best is not None
                if not self.best.lawful:  # clusters may be too coarse for narrow bounds
                    self._fresh(starts[turn // 4 % len(starts)], ROUND_STEPS_PER_NODE // 4)
                    yield None
            turn += 1

    @property
    def _redraws(self) -> bool:
        return self.case.move > 0 and len(self.case.previous_item) > 0

    def _chains(self) -> Iterator[None]:
        """Chains of windows from the best plan, each cooling to nothing, longer and from hotter each time."""
        rounds, steps_per_round = CHAIN_ROUNDS, 0.0
        for heat in chain(CHAIN_HEATS, repeat(CHAIN_HEATS[-1])):
            assert self.best is not None
            state = self.state_of(self.best.label)
            grids = int((state.size > 0).sum())
            hot = heat * self._price_of_a_node(state)
            began, turn = self.steps, 0
            last = self._rounds_left(steps_per_round) < (1 + CHAIN_GROWTH) * rounds
            while turn < rounds:
                if last and np.isfinite(left := self._rounds_left(steps_per_round)):
                    rounds = turn + max(1, int(left))
                cooled = hot * max(0.0, 1.0 - turn / (0.9 * rounds))
                effort = recombine(
                    self.case,
                    state,
                    self.rng,
                    CHAIN_WINDOWS * grids,
                    CHAIN_STEPS_PER_NODE,
                    self._price(state),
                    cooled,
                    _EVERYWHERE if self.focus is None else np.cumsum(self.focus.weights(state)),
                    self.flag,
                )
                self.steps += max(int(effort), len(state.label))
                self.offer(self._found(state))
                turn += 1
                yield None
            steps_per_round = (self.steps - began) / turn
            rounds = min(CHAIN_GROWTH * rounds, LONGEST_CHAIN)

    def _rounds_left(self, steps_per_round: float) -> float:
        """Rounds of a chain that may still be made; infinite where that is not known, or over."""
        if self.steps_left is None or self.steps_left <= 0.0 or steps_per_round <= 0.0:
            return np.inf
        return self.steps_left / steps_per_round

    def _on_clusters(self, per_grid: int, *, anew: bool) -> None:
        target = self.piece.households / max(1, self._counts()[0])
        kept = None if anew or self.best is None else self.best.label
        coarse = coarsened(self.piece, self.rng, max(1, round(target / per_grid)), kept)
        inner = Search(coarse.piece, 0, 0, self.flag)
        inner.rng = self.rng
        if kept is not None:
            start = np.zeros(len(coarse.piece.case.households), dtype=np.int64)
            start[coarse.cluster] = kept
            inner.start_from(start)
        enough = COARSE_STEPS_PER_NODE * len(coarse.piece.case.households)
        inner.round()
        while inner.steps < enough and not self.flag[0]:
            inner.round()
        inner.close()
        self.steps += inner.steps
        assert inner.best is not None
        self._improve(self.state_of(inner.best.label[coarse.cluster]), ROUND_STEPS_PER_NODE // 2, REFINING)

    def start_from(self, label: IntArray) -> None:
        """Improve this partition instead of making new ones."""
        self.offer(self._judged(label))
        self._rounds = self._plan_rounds(fresh=False)

    def _counts(self) -> list[int]:
        """Numbers of grids to start from, the most promising first."""
        case = self.case
        num, total = len(case.households), self.piece.households
        fewest, most = count_range(total, case.low, case.high, num)
        if fewest > most:  # no number fits: the two next to it
            fewest, most = max(1, min(num, total // case.high)), max(1, min(num, fewest))
        low, high = max(fewest, min(case.count_low, num)), min(most, max(case.count_high, 1))
        if low > high:
            low = high = max(1, min(num, case.count_high if case.count_high < fewest else case.count_low))
        parts = len(self.piece.components)
        low, high = max(low, min(parts, num)), max(high, min(parts, num))
        near = total / case.target if case.target > 0 else high
        return sorted(range(low, high + 1), key=lambda k: (abs(k - near), k))[:NEAR_COUNTS]

    def _other_counts(self, tried: list[int]) -> list[int]:
        """More numbers of grids where none of the natural ones led to a lawful plan: other rules may ask for them."""
        num = len(self.case.households)
        low = max(min(len(self.piece.components), num), min(self.case.count_low, num), 1)
        high = max(low, min(self.case.count_high, num))
        return sorted(set(range(low, high + 1)) - set(tried), key=lambda k: (abs(k - tried[0]), k))[:NEAR_COUNTS]

    def _from_previous(self) -> Iterator[None]:
        """Start from the previous grids where staying counts and they are still a partition into connected grids."""
        if self.case.move <= 0 or not len(self.case.previous_item):
            return
        label = _previous_labels(self.case)
        state = self.state_of(label)
        self._improve(state, ROUND_STEPS_PER_NODE, heat=0.05)
        yield None

    def _fresh(self, grids: int, steps_per_node: int) -> Found:
        return self._improve(self.state_of(self._cut(grids)), steps_per_node, heat=0.5)

    def _cut(self, grids: int) -> IntArray:
        """Grids along random trees, each connected part of the piece on its own."""
        if len(self.piece.components) == 1:
            return np.asarray(cut_into(self.case, self.rng, grids, 0.5, 3))
        label = np.zeros(len(self.case.households), dtype=np.int64)
        place = np.full(len(label), -1, dtype=np.int64)
        identity = np.arange(_largest_id(self.case))
        shares = _shares(self.case, self.piece.components, grids)
        first = 0
        for nodes, share in zip(self.piece.components, shares, strict=True):
            small, _ = sub_case(self.case, nodes, share, place, identity)
            label[nodes] = first + cut_into(small, self.rng, share, 0.5, 3)
            first += share
        return label

    def state_of(self, label: IntArray) -> State:
        """What the grids of a partition hold and cost, slot by slot; some slots are spare."""
        most = int(label.max()) + 1
        room = min(len(label), max(most, min(self.case.count_high, most + 2 + most // 8)))
        state = new_state(self.case, max(room, most), self.piece.num_groups)
        state.label[:] = label
        _match(self.case, state)
        rebuild(self.case, state)
        return state

    def _improve(self, state: State, steps_per_node: int, heat: float) -> Found:
        num = len(state.label)
        hot = max(self._price_of_a_node(state) * heat, 1e-9)
        steps = steps_per_node * num
        self.steps += steps
        anneal(self.case, state, self.rng, steps, hot, hot * 0.01, self._price(state), self.flag)
        return self._keep(state)

    def _again(self, heat: float) -> None:
        assert self.best is not None
        self._improve(self.state_of(self.best.label), ROUND_STEPS_PER_NODE, heat)

    def _windows(self) -> None:
        assert self.best is not None
        state = self.state_of(self.best.label)
        num = len(state.label)
        nodes_of_a_window = MEAN_WINDOW * num / max(1, int((state.size > 0).sum()))
        affordable = WINDOW_ROUND_STEPS_PER_NODE * max(num, SMALL_NODES) / (WINDOW_STEPS_PER_NODE * nodes_of_a_window)
        count = max(1, min(max(MIN_WINDOWS, num // 3), int(affordable)))
        tried = recut_windows(self.case, state, self.rng, count, WINDOW_STEPS_PER_NODE, self._price(state), self.flag)
        self.steps += max(int(tried), num)
        self._keep(state)

    def _keep(self, state: State) -> Found:
        _match(self.case, state)
        rebuild(self.case, state)
        found = self._found(state)
        self.offer(found)
        return found

    def _judged(self, label: IntArray) -> Found:
        return self._found(self.state_of(label))

    def _found(self, state: State) -> Found:
        broken, misfit, cost = totals(state)
        grids = int((state.size > 0).sum())
        broken += max(0, self.case.count_low - grids) + max(0, grids - self.case.count_high)
        cost = float(cost) + self.piece.unknown_walk
        return Found(label=state.label.copy(), broken=int(broken), misfit=int(misfit), cost=cost)

    def _price_of_a_node(self, state: State) -> float:
        walk_like = state.cost + self.case.move * state.households
        return float(np.abs(walk_like).sum()) / len(state.label)

    def _price(self, state: State) -> float:
        """Price of one household outside the bounds: a few such outweigh moving a node."""
        return max(self._price_of_a_node(state) * 0.02, 1e-6)


def judged(piece: Piece, label: IntArray) -> Found:
    """What a given partition of `piece` breaks and costs."""
    search = Search(piece, 0, 0, np.zeros(1, dtype=np.bool_))
    found = search._judged(label)
    search.close()
    return found


def _match(case: Case, state: State) -> None:
    """Let every slot carry on a previous grid: the one-to-one matching that retains most households."""
    state.stay[:] = -1
    if case.move <= 0 or not len(case.previous_item):
        return
    names, column = np.unique(case.previous_item, return_inverse=True)
    overlap = np.zeros((len(state.head), len(names)), dtype=np.int64)
    owner = np.repeat(state.label, np.diff(case.previous_start))
    np.add.at(overlap, (owner, column), case.previous_households)
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    real = overlap[rows, columns] > 0
    state.stay[rows[real]] = names[columns[real]]


def _previous_labels(case: Case) -> IntArray:
    """Connected pieces of the previous grids as slots; nodes without a previous grid join a neighbour's."""
    num = len(case.households)
    home = np.full(num, -1, dtype=np.int64)
    for node in range(num):
        a, b = case.previous_start[node], case.previous_start[node + 1]
        if b > a:
            home[node] = case.previous_item[a + int(np.argmax(case.previous_households[a:b]))]
    label = np.full(num, -1, dtype=np.int64)
    slots = 0
    for first in range(num):
        if label[first] >= 0 or home[first] < 0:
            continue
        label[first] = slots
        waiting = [first]
        while waiting:
            node = waiting.pop()
            for other in case.neighbour[case.start[node] : case.start[node + 1]].tolist():
                if label[other] < 0 and home[other] == home[first]:
                    label[other] = slots
                    waiting.append(other)
        slots += 1
    _adopt(case, label, slots)
    return label


def _adopt(case: Case, label: IntArray, slots: int) -> None:
    """Give nodes without a slot to a neighbour's, wave by wave; what nothing reaches becomes slots of its own."""
    waiting = [node for node in range(len(label)) if label[node] >= 0]
    while True:
        for node in waiting:
            for other in case.neighbour[case.start[node] : case.start[node + 1]].tolist():
                if label[other] < 0:
                    label[other] = label[node]
                    waiting.append(other)
        left = np.flatnonzero(label < 0)
        if not len(left):
            return
        label[left[0]] = slots
        slots += 1
        waiting = [int(left[0])]


def _shares(case: Case, components: tuple[IntArray, ...], grids: int) -> list[int]:
    """Grids of each connected part: lawful numbers first, then nearest to the target, `grids` in all where possible."""
    households = [int(case.households[nodes].sum()) for nodes in components]
    ranges = []
    for nodes, num in zip(components, households, strict=True):
        fewest, most = count_range(num, case.low, case.high, len(nodes))
        ranges.append((min(fewest, len(nodes)), max(most, min(fewest, len(nodes)))))
    aim = case.target if case.target > 0 else 1.0
    shares = [min(max(round(num / aim), low), high) for num, (low, high) in zip(households, ranges, strict=True)]
    while sum(shares) != grids:
        step = 1 if sum(shares) < grids else -1
        open_parts = [i for i, (low, high) in enumerate(ranges) if low <= shares[i] + step <= high]
        if not open_parts:
            break
        worst = min(open_parts, key=lambda i: (abs(households[i] / (shares[i] + step) - aim), i))
        shares[worst] += step
    return shares


def _largest_id(case: Case) -> int:
    largest: int = case.walk.shape[0]
    for ids in (case.group_item, case.previous_item):
        largest = max(largest, int(ids.max(initial=0)) + 1)
    return largest
