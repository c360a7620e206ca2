"""A progress line on the terminal, and stopping with Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from partitioner.cli.speaking import Voice
from partitioner.errors import Text
from partitioner.io.writing.staffing_words import STAGES, stage_proof, stage_value
from partitioner.solver import Cancel, Observer, Snapshot
from partitioner.staffing import StageReport

PHASES = {
    "read": Text("读取", "reading"),
    "adjacency": Text("相邻关系", "adjacency"),
    "community": Text("划分社区", "communities"),
    "grid": Text("划分网格", "grids"),
    "slices": Text("划分单元楼层", "stairwells and floors"),
    "micro": Text("划分微网格", "micro-grids"),
    "repair": Text("上下级协调", "fitting levels"),
    "prepare": Text("初始方案", "first plans"),
    "search": Text("搜索与证明", "searching and proving"),
    "moves": Text("最少变动", "fewest moves"),
    "finish": Text("核对", "checking"),
    "roster": Text("读取花名册", "reading rosters"),
    "assign": Text("安排人员", "posting people"),
    "explain": Text("说明缺口", "explaining shortfalls"),
    "write": Text("写出", "writing"),
}


LEVELS = ("community", "grid", "micro")
"""Phases in which a solver runs that has phases of its own."""


class ProgressLine(Observer):
    """Phase, best value, bound and gap in one line on standard error; nothing where nobody watches."""

    def __init__(self, speaker: Voice, title: str = "") -> None:
        self.speaker = speaker
        self._title = f"{title} · " if title else ""
        console = speaker.err
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TextColumn("{task.fields[state]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=speaker.quiet or not console.is_terminal,
        )
        self._task = self._progress.add_task("", state="", total=None)
        self._level: Text | None = None

    def __enter__(self) -> ProgressLine:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def phase(self, name: str) -> None:
        """Another phase began."""
        self._level = PHASES[name] if name in LEVELS else None
        phase = PHASES[name].in_language(self.speaker.language)
        self._progress.update(self._task, description=self._title + phase, state="")

    def on_progress(self, snapshot: Snapshot) -> None:
        self._progress.update(
            self._task,
            description=self._description(snapshot),
            state=self._state(snapshot),
        )

    def on_stage(self, role: Text, stage: StageReport) -> None:
        """A stage of staffing is done: its value, and what is known of it."""
        told = f"{STAGES[stage.stage].in_language(self.speaker.language)} {stage_value(stage)}"
        proof = stage_proof(stage).in_language(self.speaker.language)
        self._progress.update(self._task, state=f"{role.in_language(self.speaker.language)} · {told} · {proof}")

    def _description(self, snapshot: Snapshot) -> str:
        phase = PHASES[snapshot.phase].in_language(self.speaker.language)
        level = "" if self._level is None else f"{self._level.in_language(self.speaker.language)} · "
        return f"{self._title}{level}{phase}"

    def _state(self, snapshot: Snapshot) -> str:
        parts = [f"{snapshot.done}/{snapshot.pieces}"]
        moves = snapshot.phase == "moves"
        if snapshot.best is None and not moves:
            parts.append(
                self.speaker.text(f"超出上下限 {snapshot.misfit} 户", f"{snapshot.misfit} households outside bounds")
            )
        elif snapshot.best is not None:
            best = f"{snapshot.best:,.0f}"
            zh, en = (f"变动 {best} 户", f"{best} households moved") if moves else (f"最优值 {best}", f"best {best}")
            parts.append(self.speaker.text(zh, en))
        if snapshot.bound is not None:
            parts.append(self.speaker.text(f"下界 {snapshot.bound:,.0f}", f"bound {snapshot.bound:,.0f}"))
        if snapshot.gap is not None:
            parts.append(self.speaker.text(f"差距 {snapshot.gap:.2%}", f"gap {snapshot.gap:.2%}"))
        return " · ".join(parts)


@contextmanager
def cancel_on_interrupt(speaker: Voice) -> Iterator[Cancel]:
    """A `Cancel` that Ctrl-C (or SIGTERM) sets: the run ends with the best plan so far. A second Ctrl-C is final."""
    cancel = Cancel()
    if threading.current_thread() is not threading.main_thread():
        yield cancel
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(_number: int, _frame: FrameType | None) -> None:
        if cancel.event.is_set():
            raise KeyboardInterrupt
        cancel.set()
        speaker.say("正在停止，保留目前最好的方案……", "stopping; the best plan so far is kept …")

    for number in before:
        signal.signal(number, stop)
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
