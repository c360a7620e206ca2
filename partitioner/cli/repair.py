"""`wangge repair`: a plan drawn by hand is mended so that as few households as possible move."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from partitioner.changing import DRAWN, frozen_by_level, redraw_plan, with_drawn, write_redrawing
from partitioner.cli.change_summary import tell_redrawing
from partitioner.cli.drawn import Counts, Crs, LabelColumn, OfLevel, counts_of, level_of, read_labels, tell_notices
from partitioner.cli.level_summary import worst_exit_code
from partitioner.cli.options import AsJson, Lang, Quiet, Seed, StepLimit, Threads, TimeLimit, limits_of
from partitioner.cli.progress import ProgressLine, cancel_on_interrupt
from partitioner.cli.speaking import telling_faults, voice
from partitioner.errors import Text
from partitioner.io.reading.changes_made import make_changes
from partitioner.io.reading.planned_folder import read_planned
from partitioner.model.files import make_folder


def repair(
    plan: Annotated[Path, typer.Argument(help="方案目录（楼栋、规则） · folder of a plan", show_default=False)],
    drawn: Annotated[
        str, typer.Argument(help="手绘网格的图层或台账 · drawn layer or ledger of labels", show_default=False)
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="输出目录 · folder to write to", show_default=False)],
    level: OfLevel = None,
    label: LabelColumn = None,
    crs: Crs = None,
    count: Counts = None,
    freeze: Annotated[
        list[str] | None,
        typer.Option("--freeze", metavar="grid:CODE|unit:ID|line:A/B", help="不许改动的 · what may not change"),
    ] = None,
    time_limit: TimeLimit = None,
    step_limit: StepLimit = None,
    seed: Seed = 0,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """以最少的变动把手绘网格改到合规 · Mend a drawn plan so that as few households as possible move."""
    speaker = voice(lang, as_json, quiet)
    limits = limits_of(time_limit, step_limit, seed, threads)
    with telling_faults(speaker, fault_table=output / "faults.xlsx"), ProgressLine(speaker) as line:
        line.phase("read")
        planned = read_planned(plan)
        chosen = level_of(planned, level)
        labels = read_labels(drawn, chosen, label, crs)
        tell_notices(speaker, labels)
        previous = with_drawn(planned, chosen.level.name, labels.grid)
        frozen = frozen_by_level(previous, freeze or [])
        counts = counts_of(previous, count or [])
        make_folder(output)
        with cancel_on_interrupt(speaker) as cancel:
            done = redraw_plan(
                previous,
                make_changes(previous, []),
                counts=counts,
                frozen=frozen,
                everywhere=True,
                limits=limits,
                observer=line,
                cancel=cancel,
                notify=line.phase,
            )
        titles = (DRAWN, Text("修正后", "mended"))
        done = replace(done, comparison=replace(done.comparison, titles=titles))
        files = write_redrawing(done, output, notify=line.phase)
    tell_redrawing(speaker, done, None, [str(file) for file in files])
    raise typer.Exit(worst_exit_code(done.planned))
