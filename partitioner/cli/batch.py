"""`wangge batch`: every problem of a folder solved, every folder of ledgers planned, one summary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from partitioner import __version__
from partitioner.cli.batch_entries import Entry, find_entries
from partitioner.cli.batch_summary import (
    Row,
    document,
    read_done,
    row_not_reached,
    row_of,
    row_of_faults,
    write_summary,
)
from partitioner.cli.options import AsJson, Lang, Quiet, Seed, StepLimit, Threads, TimeLimit, limits_of
from partitioner.cli.plan import levels_named
from partitioner.cli.progress import ProgressLine, cancel_on_interrupt
from partitioner.cli.speaking import Voice, fault_document, tell_faults, telling_faults, voice, write_table
from partitioner.errors import Fault, InputError
from partitioner.io.reading import read_county
from partitioner.io.writing.naming import file_name
from partitioner.model.files import make_folder
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import read_problem
from partitioner.planning import plan_levels, write_outputs
from partitioner.profiles import Level, Profile, load_profile
from partitioner.solver import Cancel, Limits
from partitioner.solver import solve as solve_problem

FOLDER = "plans"
"""Where plans go by default: a folder beside the problems."""


def batch(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="放有 problem.json 或台账子文件夹 · problems, or folders of ledgers")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="输出目录，默认 DIR/plans · folder to write to")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="已完成且输入未变的也重做 · do finished ones again, too")
    ] = False,
    profile: Annotated[str, typer.Option(help="台账用的规则名或 TOML 文件 · profile for ledgers")] = "hebei",
    levels: Annotated[
        str, typer.Option(metavar="NAME,…", help="台账划分的层级，由大到小 · levels for ledgers, the widest first")
    ] = "grid",
    time_limit: TimeLimit = None,
    step_limit: StepLimit = None,
    seed: Seed = 0,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """批量求解文件夹中的问题和台账，逐个限时，可续做 · Solve every problem of a folder; limits hold for each."""
    speaker = voice(lang, as_json, quiet)
    limits = limits_of(time_limit, step_limit, seed, threads)
    with telling_faults(speaker):
        chosen = load_profile(profile)
        target = folder / FOLDER if output is None else output
        entries, left_out = find_entries(folder, target)
        task = _Task(
            output=make_folder(target), profile=chosen, levels=tuple(levels_named(chosen, levels)), limits=limits
        )
        known = {} if force else read_done(target)
        summary, faults = _run(task, entries, left_out, known, speaker)
    _tell(speaker, summary, faults, task.output)
    raise typer.Exit(summary["exit_code"])


@dataclass(frozen=True, kw_only=True)
class _Task:
    """What holds for every entry."""

    output: Path
    profile: Profile
    levels: tuple[Level, ...]
    limits: Limits

    @property
    def settings(self) -> dict[str, Any]:
        """What decides results beside the inputs. Threads do not: they only make a run faster."""
        return {
            "engine": f"wangge {__version__}",
            "time_limit_s": self.limits.time_limit_s,
            "step_limit": self.limits.step_limit,
            "seed": self.limits.seed,
            "profile": self.profile.name,
            "levels": [level.name for level in self.levels],
        }

    def fingerprint(self, entry: Entry) -> str:
        limits = (__version__, self.limits.time_limit_s, self.limits.step_limit, self.limits.seed)
        rules = (repr(self.profile), [level.name for level in self.levels]) if entry.is_folder else ()
        return entry.fingerprint((*limits, *rules))


def _run(
    task: _Task, entries: list[Entry], left_out: list[str], known: Mapping[str, Row], speaker: Voice
) -> tuple[Row, list[Fault]]:
    """Do what is not done yet. The summary is written after every entry: a run that is cut off goes on there."""
    for name in left_out:
        speaker.say(f"跳过 {name}：不是问题文件", f"{name} left out: not a problem")
    done: dict[str, Row] = {}
    faults: list[Fault] = []
    waiting = {entry.name: known[entry.name] for entry in entries if entry.name in known}
    with cancel_on_interrupt(speaker) as cancel:
        for number, entry in enumerate(entries, start=1):
            mark = f"[{number}/{len(entries)}] {entry.name}"
            kept = waiting.pop(entry.name, None)
            if cancel.event.is_set():
                # What an earlier run finished stays finished.
                done[entry.name] = kept or {"inputs": None, "rows": [row_not_reached(entry.name)]}
                continue
            try:
                inputs = task.fingerprint(entry)
                if kept is not None and kept["inputs"] == inputs:
                    done[entry.name] = kept
                    speaker.say(f"{mark}：已完成，输入未变", f"{mark}: done before, same inputs")
                    continue
                rows = _rows(task, entry, speaker, cancel, mark)
                whole = all(row["stop_reason"] != "cancelled" for row in rows)
                done[entry.name] = {"inputs": inputs if whole else None, "rows": rows}
            except InputError as error:
                faults += error.faults
                done[entry.name] = {"inputs": None, "rows": [row_of_faults(entry.name, error)]}
            for row in done[entry.name]["rows"]:
                _tell_row(speaker, mark, row)
            write_summary(task.output, document(done | waiting, left_out, task.settings))
    summary = document(done, left_out, task.settings)
    write_summary(task.output, summary)
    return summary, faults


def _rows(task: _Task, entry: Entry, speaker: Voice, cancel: Cancel, mark: str) -> list[Row]:
    with ProgressLine(speaker, mark) as line:
        if entry.is_folder:
            line.phase("read")
            county = read_county([entry.path], name=entry.name, expand_seed=task.limits.seed)
            planned = plan_levels(
                county,
                task.profile,
                list(task.levels),
                limits=task.limits,
                observer=line,
                cancel=cancel,
                notify=line.phase,
            )
            write_outputs(planned, task.output / entry.name, notify=line.phase)
            return [
                row_of(
                    entry.name,
                    level.level.name,
                    level.problem,
                    level.result,
                    f"{entry.name}/{file_name(planned, level.level.name, 'plan', '.json')}",
                )
                for level in planned.levels
            ]
        problem = read_problem(entry.path)
        result = solve_problem(problem, task.limits, line, cancel)
    plan = f"{entry.path.stem}.plan.json"
    write_plan(result, task.output / plan)
    return [row_of(entry.name, None, problem, result, plan)]


def _tell_row(speaker: Voice, mark: str, row: Row) -> None:
    level = f" {row['level']}" if row["level"] else ""
    gap = "" if row["gap"] is None else f", {row['gap']:.2%}"
    total = "" if row["total"] is None else f" {row['total']:,.0f}"
    speaker.say(f"{mark}{level}：{row['status']}{total}{gap}", f"{mark}{level}: {row['status']}{total}{gap}")


def _tell(speaker: Voice, summary: Row, faults: list[Fault], output: Path) -> None:
    table = write_table(InputError(faults), output / "faults.xlsx") if faults else None
    if speaker.as_json:
        speaker.document(summary | {"faults": [fault_document(fault) for fault in faults]})
        return
    if not speaker.quiet:
        speaker.out.print(_table(speaker, summary))
        speaker.out.print(speaker.text(f"汇总见 {output}", f"summary in {output}"), markup=False)
    if faults:
        tell_faults(speaker, tuple(faults), table)


HEADINGS = (
    ("name", "名称", "name"), ("level", "层级", "level"), ("grids", "数量", "areas"), ("status", "结果", "status"),
    ("total", "目标值", "total"), ("gap", "差距", "gap"), ("seconds", "用时/秒", "seconds"),
    ("violations", "违规", "broken"),
)  # fmt: skip
"""What the terminal has room for; the files hold every column."""


def _table(speaker: Voice, summary: Row) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for key, zh, en in HEADINGS:
        left = key in ("name", "level", "status")
        table.add_column(speaker.text(zh, en), justify="left" if left else "right")
    for entry in summary["entries"]:
        for row in entry["rows"]:
            table.add_row(*(_cell(key, row[key]) for key, _, _ in HEADINGS))
    return table


def _cell(key: str, value: Any) -> str:
    if value is None:
        return "–"
    if key == "gap":
        return f"{value:.2%}"
    if key == "seconds":
        return f"{value:,.1f}" if value else "–"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)
