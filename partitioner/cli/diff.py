"""`wangge diff`: any two plans side by side, also foreign ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from partitioner.changing import differences, problem_differences, with_drawn
from partitioner.changing.staff_changes import staff_changes
from partitioner.cli.change_summary import change_document, staff_document, tell_changes, tell_files, tell_staff
from partitioner.cli.drawn import Crs, LabelColumn, OfLevel, level_of, read_labels, tell_notices
from partitioner.cli.options import AsJson, Lang, Quiet
from partitioner.cli.redraw import matched
from partitioner.cli.speaking import FOUND, Voice, telling_faults, voice
from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.writing.redraw import Comparison, write_changes
from partitioner.model.plan_json import read_plan
from partitioner.model.problem_json import read_problem


def diff(
    before: Annotated[
        str, typer.Argument(metavar="A", help="方案目录、plan.json、图层或台账 · folder, plan file, layer or ledger")
    ],
    after: Annotated[
        str, typer.Argument(metavar="B", help="方案目录、plan.json、图层或台账 · folder, plan file, layer or ledger")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="清单、对照图、通知的目录 · folder for lists, maps, notices")
    ] = None,
    problem: Annotated[
        Path | None,
        typer.Option("--problem", metavar="FILE", help="两个 plan.json 的 problem.json · of two plan files"),
    ] = None,
    level: OfLevel = None,
    label: LabelColumn = None,
    crs: Crs = None,
    matches: Annotated[
        Path | None, typer.Option("--matches", metavar="FILE", help="填好的待确认表 · doubtful matches, answered")
    ] = None,
    accept_matches: Annotated[
        bool, typer.Option("--accept-matches", help="待确认的对应关系全部采纳 · take all doubtful matches")
    ] = False,
    lang: Lang = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """比较两个方案：哪些住户换了网格 · Compare two plans: which households change their grid."""
    speaker = voice(lang, as_json, quiet)
    files: list[Path] = []
    with telling_faults(speaker, fault_table=None if output is None else output / "faults.xlsx"):
        folders = [Path(side) for side in (before, after) if Path(side).is_dir()]
        if len(folders) == 2:
            comparison = _of_folders(folders[0], folders[1], level, matches, accept_matches, output, speaker)
            comparison = replace(comparison, staff=staff_changes(folders[0], folders[1]))
        elif folders:
            comparison = _beside_folder(before, after, folders[0], level, label, crs, speaker)
        else:
            comparison = _of_files(before, after, problem)
        if output is not None:
            files = write_changes(comparison, output)
    _tell(speaker, comparison, [str(file) for file in files])
    raise typer.Exit(FOUND)


def _of_folders(
    a: Path, b: Path, level: str | None, matches: Path | None, accept: bool, output: Path | None, speaker: Voice
) -> Comparison:
    first, second = read_planned(a), read_planned(b)
    if level is not None:
        level_of(first, level)
        level_of(second, level)
    became: dict[str, str] = {}
    if first.source is not None and second.source is not None:
        became = matched(first.source, second.source, matches, accept, output or b, speaker)
    return differences(first, second, became=became, only=level)


def _beside_folder(
    before: str, after: str, folder: Path, level: str | None, label: str | None, crs: str | None, speaker: Voice
) -> Comparison:
    """A plan of ours and one of others, in the order in which they were given."""
    planned = read_planned(folder)
    chosen = level_of(planned, level)
    is_first = Path(before).is_dir()
    drawn = read_labels(after if is_first else before, chosen, label, crs)
    tell_notices(speaker, drawn)
    other = with_drawn(planned, chosen.level.name, drawn.grid)
    sides = (planned, other) if is_first else (other, planned)
    ours, theirs = Text("原方案", "the plan"), Text("另一方案", "the other plan")
    titles = (ours, theirs) if is_first else (theirs, ours)
    return differences(*sides, titles=titles, only=chosen.level.name)


def _of_files(before: str, after: str, problem: Path | None) -> Comparison:
    if problem is None:
        message = Text("两个都不是方案目录", "neither is the folder of a plan")
        remedy = Text(
            "至少给一个方案目录；比较两个 plan.json 请加 --problem problem.json",
            "give one folder at least; for two plan files add --problem problem.json",
        )
        raise InputError([Fault(rule="folder_missing", place=Place(file=before), message=message, remedy=remedy)])
    return problem_differences(read_problem(problem), read_plan(before), read_plan(after))


def _tell(speaker: Voice, comparison: Comparison, files: list[str]) -> None:
    if speaker.as_json:
        document: dict[str, Any] = {
            "moved": comparison.moved,
            "levels": [{"level": change.name, **change_document(change)} for change in comparison.levels],
            "staff": staff_document(comparison),
            "files": files,
        }
        speaker.document(document)
        return
    if speaker.quiet:
        return
    tell_changes(speaker, comparison)
    for change in comparison.levels:
        title = speaker.text(change.title.zh, change.title.en)
        for term in ("walk", "split", "balance"):
            one, two = getattr(change.worth_before, term), getattr(change.worth_after, term)
            speaker.out.print(f"  {title} {term}: {one:,.0f} → {two:,.0f}", markup=False)
        broken = speaker.text("违规", "broken rules")
        speaker.out.print(f"  {title} {broken}: {change.broken_before:,} → {change.broken_after:,}", markup=False)
    tell_staff(speaker, comparison)
    tell_files(speaker, files)
