"""`wangge staff`: a planned folder and rosters in, who serves where out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partitioner import __version__
from partitioner.cli.options import AsJson, Lang, Quiet, Seed, StepLimit, TimeLimit, limits_of
from partitioner.cli.plan import pairs_of, systems_of
from partitioner.cli.progress import ProgressLine, cancel_on_interrupt
from partitioner.cli.speaking import telling_faults, voice
from partitioner.cli.staff_summary import staff_exit_code, tell_staffed
from partitioner.io.reading.previous_staffing import read_previous
from partitioner.io.writing.staffing_folder import write_staffing_folder
from partitioner.model.files import make_folder
from partitioner.posting import Wishes, read_plan_folder, staff_plan, who_could
from partitioner.profiles import load_profile


def staff(
    plan: Annotated[Path, typer.Argument(metavar="PLAN_DIR", help="方案目录 · a planned folder", show_default=False)],
    rosters: Annotated[
        list[Path],
        typer.Argument(metavar="ROSTER…", help="花名册 xlsx、xls、csv · rosters of staff", show_default=False),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="输出目录 · folder to write to", show_default=False)],
    profile: Annotated[
        str | None,
        typer.Option(help="规则名或 TOML 文件，默认为方案所用 · default: the plan's own", show_default=False),
    ] = None,
    previous: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="以前的安排（staffing.json 或台账），尽量少变动 · earlier assignment, least change"
        ),
    ] = None,
    lock: Annotated[
        list[str] | None, typer.Option(metavar="PERSON=TARGET", help="锁定：某人负责某对象 · keep this pair")
    ] = None,
    absent: Annotated[
        list[str] | None, typer.Option(metavar="PERSON", help="离岗人员工号 · somebody who is away")
    ] = None,
    who_could_take: Annotated[
        list[str] | None,
        typer.Option(metavar="TARGET", help="谁能接手这个对象，按影响排序 · who could take it, ranked"),
    ] = None,
    names: Annotated[bool, typer.Option("--names", help="台账中写出姓名 · write names into the ledger")] = False,
    sheets: Annotated[
        bool, typer.Option("--sheets", help="另出每个网格一张的公示牌 · a duty sheet per grid as well")
    ] = False,
    crs: Annotated[
        list[str] | None,
        typer.Option(metavar="[NAME=]CRS", help="花名册坐标的坐标系 · system of the rosters' coordinates"),
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="FIELD=HEADING", help="列名，如 number=警号 · which heading is what")
    ] = None,
    time_limit: TimeLimit = None,
    step_limit: StepLimit = None,
    seed: Seed = 0,
    lang: Lang = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """给方案配人：岗位、负荷、缺口、变动 · Post people to the areas of a plan, with balanced load and proof."""
    speaker = voice(lang, as_json, quiet)
    limits = limits_of(time_limit, step_limit, seed, None)
    locks = [pair for entry in lock or [] for pair in pairs_of([entry], "--lock").items()]
    with telling_faults(speaker, fault_table=output / "faults.xlsx"), ProgressLine(speaker) as line:
        line.phase("read")
        chosen = None if profile is None else load_profile(profile)
        earlier = None if previous is None else read_previous(previous)
        folder = read_plan_folder(plan, chosen)
        wishes = Wishes(previous=earlier, locks=tuple(locks), absent=tuple(absent or ()))
        make_folder(output)
        with cancel_on_interrupt(speaker) as cancel:
            staffed = staff_plan(
                folder.targets,
                folder.profile,
                rosters,
                wishes=wishes,
                crs=systems_of(crs or []),
                columns=pairs_of(column or [], "--column"),
                with_names=names,
                limits=limits,
                cancel=cancel,
                notify=line.phase,
                on_stage=line.on_stage,
            )
        answers = [answer for word in who_could_take or [] for answer in who_could(staffed, word)]
        line.phase("write")
        files = write_staffing_folder(
            staffed,
            output,
            f"wangge {__version__}",
            planned=folder.planned,
            sheets=sheets,
            names=names,
            report=True,
        )
    tell_staffed(speaker, staffed, answers, [str(file) for file in files])
    raise typer.Exit(staff_exit_code(staffed))
