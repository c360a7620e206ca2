"""`wangge redraw`: a plan and what changed in, a plan near it out, and what became of every grid."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from partitioner import __version__
from partitioner.changing import (
    FollowedPosts,
    Postings,
    curve_of,
    follow_posts,
    frozen_by_level,
    in_system_of,
    read_retired_rows,
    redraw_plan,
    staff_locks,
    write_redrawing,
)
from partitioner.changing.staff_changes import STAFFING
from partitioner.cli.change_summary import tell_curve, tell_redrawing
from partitioner.cli.drawn import Counts, counts_of
from partitioner.cli.level_summary import worst_exit_code
from partitioner.cli.options import AsJson, Lang, Quiet, Seed, StepLimit, Threads, TimeLimit, limits_of
from partitioner.cli.plan import pairs_of, systems_of
from partitioner.cli.progress import ProgressLine, cancel_on_interrupt
from partitioner.cli.speaking import Voice, telling_faults, voice
from partitioner.errors import Fault, InputError, Place, Text
from partitioner.geometry.county import County
from partitioner.io.reading import read_county
from partitioner.io.reading.changes_file import read_change_file
from partitioner.io.reading.changes_flags import read_flags
from partitioner.io.reading.changes_made import make_changes
from partitioner.io.reading.changes_matching import match_buildings, read_confirmed
from partitioner.io.reading.planned_folder import read_planned
from partitioner.io.reading.previous_staffing import read_record
from partitioner.io.reading.retired import read_retired
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.naming import reference
from partitioner.io.writing.redraw import write_curve, write_doubts
from partitioner.io.writing.staffing_folder import write_staffing_folder
from partitioner.model.files import make_folder
from partitioner.redraw import STRICT, WEIGHTED, Goal, capped

MATCHES = "matches.xlsx"
"""Doubtful matches, in the output folder."""

Many = list[str] | None


def redraw(
    plan: Annotated[Path, typer.Argument(help="原方案目录 · folder of the plan to start from", show_default=False)],
    inputs: Annotated[
        list[Path] | None,
        typer.Argument(help="新的台账与地图（可不给） · new ledgers and maps, if any", show_default=False),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="输出目录 · folder to write to", show_default=False)
    ] = ...,  # type: ignore[assignment]  # typer: required
    changes: Annotated[
        list[Path] | None, typer.Option("--changes", help="变化表（xlsx、csv、toml、json） · a list of changes")
    ] = None,
    new: Annotated[Many, typer.Option("--new", metavar="ID=户数@X,Y", help="新增楼栋 · a new building")] = None,
    demolish: Annotated[Many, typer.Option("--demolish", metavar="ID,…", help="拆除 · demolished")] = None,
    households: Annotated[
        Many, typer.Option("--households", metavar="ID=N|+N|-N", help="户数变化 · other households")
    ] = None,
    move_line: Annotated[
        Many, typer.Option("--move-line", metavar="ID,…=社区", help="楼栋改属社区 · to another community")
    ] = None,
    merge_communities: Annotated[
        Many, typer.Option("--merge-communities", metavar="A,B[=A]", help="合并社区 · communities become one")
    ] = None,
    split_community: Annotated[
        Many, typer.Option("--split-community", metavar="A=C:ID,…", help="从社区 A 划出新社区 C · a new community")
    ] = None,
    compound: Annotated[
        Many, typer.Option("--compound", metavar="ID,…=小区", help="合并、拆分小区 · to another compound")
    ] = None,
    barrier: Annotated[Many, typer.Option("--barrier", metavar="FILE[:种类]", help="新障碍 · new barriers")] = None,
    bridge: Annotated[Many, typer.Option("--bridge", metavar="ID,ID", help="两楼之间的新桥、通道 · a passage")] = None,
    special: Annotated[Many, typer.Option("--special", metavar="ID,…=名称", help="专属网格 · a special grid")] = None,
    bounds: Annotated[
        Many, typer.Option("--bounds", metavar="LEVEL=MIN-MAX[:TARGET]", help="新的上下限 · bounds of a level")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="变动户数最少为先（默认） · fewest moved households first (default)")
    ] = False,
    weight: Annotated[
        float | None, typer.Option("--weight", min=0.0, metavar="W", help="每户变动的代价 · price of a moved household")
    ] = None,
    cap: Annotated[
        int | None, typer.Option("--cap", min=0, metavar="N", help="各层级变动户数至多 N · at most N moved per level")
    ] = None,
    count: Counts = None,
    freeze: Annotated[
        Many,
        typer.Option(
            "--freeze", metavar="grid:CODE|unit:ID|line:A/B|staff:P=T", help="不许改动的 · what may not change"
        ),
    ] = None,
    mend: Annotated[
        bool, typer.Option("--mend", help="原来就违规之处一并修正 · also mend what broke rules before")
    ] = False,
    matches: Annotated[
        Path | None, typer.Option("--matches", metavar="FILE", help="填好的待确认表 · doubtful matches, answered")
    ] = None,
    accept_matches: Annotated[
        bool, typer.Option("--accept-matches", help="待确认的对应关系全部采纳 · take all doubtful matches")
    ] = False,
    crs: Annotated[
        Many, typer.Option(metavar="[NAME=]CRS", help="坐标系：EPSG:4547、gcj02、bd09 · coordinate system of inputs")
    ] = None,
    role: Annotated[Many, typer.Option(metavar="NAME=ROLE", help="图层用途 · what a layer is")] = None,
    column: Annotated[Many, typer.Option(metavar="FIELD=HEADING", help="列名 · which heading is what")] = None,
    retired: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="停用编码表或以前的方案目录 · codes never given again")
    ] = None,
    trade_off: Annotated[
        bool, typer.Option("--trade-off", help="另出变动与质量曲线 · also moved households against quality")
    ] = False,
    compare_scratch: Annotated[
        bool, typer.Option("--compare-scratch", help="与不顾原方案的重划比较 · compare with drawing anew")
    ] = False,
    staffing: Annotated[
        Path | None,
        typer.Option(
            "--staffing",
            metavar="FILE",
            help="原人员安排，默认为原方案目录中的 staffing.json · who served where, default: beside the plan",
        ),
    ] = None,
    roster: Annotated[
        list[Path] | None,
        typer.Option("--roster", metavar="FILE", help="花名册，人员随之调整 · everybody who serves today"),
    ] = None,
    sheets: Annotated[bool, typer.Option("--sheets", help="另出每个网格一张图 · a sheet per grid as well")] = False,
    time_limit: TimeLimit = None,
    step_limit: StepLimit = None,
    seed: Seed = 0,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """情况变了，以最少的变动调整网格 · Redraw after changes so that as few households as possible move."""
    speaker = voice(lang, as_json, quiet)
    limits, goal = limits_of(time_limit, step_limit, seed, threads), _goal(strict, weight, cap)
    systems = systems_of(crs or [])
    with telling_faults(speaker, fault_table=output / "faults.xlsx"), ProgressLine(speaker) as line:
        line.phase("read")
        previous = read_planned(plan)
        frozen = frozen_by_level(previous, freeze or [])
        postings = _postings(plan, staffing, roster or [], staff_locks(freeze or []), systems)
        counts = counts_of(previous, count or [])
        earlier, taken = read_retired_rows(plan), read_retired([plan, *(retired or [])])
        edits = read_flags(
            {
                "--new": new or [], "--demolish": demolish or [], "--households": households or [],
                "--move-line": move_line or [], "--merge-communities": merge_communities or [],
                "--split-community": split_community or [], "--compound": compound or [], "--barrier": barrier or [],
                "--bridge": bridge or [], "--special": special or [], "--bounds": bounds or [],
            }
        )  # fmt: skip
        for file in changes or []:
            edits += read_change_file(file)
        make_folder(output)
        old = previous
        became: dict[str, str] = {}
        if inputs:
            county = read_county(
                inputs, crs=systems, roles=pairs_of(role or [], "--role"), columns=pairs_of(column or [], "--column")
            )
            previous, became = _beside(previous, county, matches, accept_matches, output, speaker)
        change = make_changes(previous, edits, crs=systems if isinstance(systems, str) else None)
        with cancel_on_interrupt(speaker) as cancel:
            done = redraw_plan(
                previous,
                change,
                became=became,
                goal=goal,
                weight=weight,
                counts=counts,
                frozen=frozen,
                everywhere=mend,
                retired=earlier,
                never_again=taken,
                scratch=compare_scratch,
                limits=limits,
                observer=line,
                cancel=cancel,
                notify=line.phase,
            )
            posts: FollowedPosts | None = None
            if postings is not None:
                posts = follow_posts(
                    old, done, postings, became=became, limits=limits, cancel=cancel, notify=line.phase
                )
                done = replace(done, comparison=replace(done.comparison, staff=posts.changes))
            files = write_redrawing(done, output, sheets=sheets, notify=line.phase)
            if posts is not None:
                files += write_staffing_folder(posts.staffed, output, f"wangge {__version__}", planned=done.planned)
            curve = None
            if trade_off:
                level = reference(done.planned).level.name
                line.phase(level)
                curve = curve_of(done, level, frozen=frozen.get(level), limits=limits, observer=line, cancel=cancel)
                files += [output / "trade-off.xlsx", output / "trade-off.png"]
                write_curve(curve, *files[-2:])
    tell_redrawing(speaker, done, curve, [str(file) for file in files], () if posts is None else posts.staffed.notices)
    if curve is not None:
        tell_curve(speaker, curve)
    raise typer.Exit(worst_exit_code(done.planned))


def _postings(
    plan: Path,
    staffing: Path | None,
    rosters: list[Path],
    locks: tuple[tuple[str, str], ...],
    systems: dict[str, str] | str | None,
) -> Postings | None:
    """Who served where, as told or beside the plan; None where nobody is posted.

    Raises
    ------
    InputError
        The earlier assignment cannot be read, or there is none that a roster or a frozen post could go with.
    """
    if staffing is None and (plan / STAFFING).is_file():
        staffing = plan / STAFFING
    if staffing is not None:
        return Postings(record=read_record(staffing), rosters=tuple(rosters), locks=locks, crs=systems)
    if rosters or locks:
        raise InputError([_no_staffing(plan)])
    return None


def _no_staffing(plan: Path) -> Fault:
    return Fault(
        rule="staffing_missing",
        place=Place(file=str(plan)),
        message=Text("原方案目录里没有 staffing.json", "there is no staffing.json beside the plan"),
        remedy=Text(
            "请用 --staffing 给出原人员安排；从未配人时，请在调整后运行 wangge staff",
            "name the earlier assignment with --staffing; where nobody was posted yet, run wangge staff afterwards",
        ),
    )


def _goal(strict: bool, weight: float | None, cap: int | None) -> Goal:
    if strict + (weight is not None) + (cap is not None) > 1:
        raise typer.BadParameter("--strict、--weight、--cap 只能给一个 · give one of --strict, --weight and --cap")
    if cap is not None:
        return capped(cap)
    return WEIGHTED if weight is not None else STRICT


def _beside(
    previous: PlannedLevels, county: County, matches: Path | None, accept: bool, output: Path, speaker: Voice
) -> tuple[PlannedLevels, dict[str, str]]:
    """The previous plan with the county of today as its source, and which building became which.

    Raises
    ------
    InputError
        Some matches are doubtful and nobody has answered them; they are written to `MATCHES`.
    """
    before = previous.source
    if before is None:
        before = previous.levels[0].county
    county = replace(in_system_of(county, before), name=before.name)
    became = matched(before, county, matches, accept, output, speaker)
    return replace(previous, source=county), became


def matched(
    before: County, county: County, matches: Path | None, accept: bool, output: Path, speaker: Voice
) -> dict[str, str]:
    """From ids of buildings before to those of today, where they differ.

    Raises
    ------
    InputError
        Some matches are doubtful and nobody has answered them; they are written to `MATCHES`.
    """
    found = match_buildings(before, county, {} if matches is None else read_confirmed(matches))
    became = dict(found.became)
    became |= {name: f"{name} (replaced)" for name in found.replaced}
    if found.doubts and not accept:
        path = output / MATCHES
        write_doubts(found.doubts, path, county=before.name)
        raise InputError([_doubtful(len(found.doubts), path)])
    became |= {doubt.before: doubt.after for doubt in found.doubts if doubt.before != doubt.after}
    if became:
        num = len(became)
        speaker.say(
            f"{num} 栋楼编号有变，已按位置和属性对应", f"{num} buildings have new ids; matched by place and attributes"
        )
    return became


def _doubtful(num: int, path: Path) -> Fault:
    return Fault(
        rule="match_doubtful",
        place=Place(file=str(path)),
        message=Text(f"{num} 处新旧楼栋的对应关系不确定", f"{num} matches between old and new buildings are doubtful"),
        remedy=Text(
            f"请在该表填写是或否，再加 --matches {path.name} 运行；或加 --accept-matches 全部采纳",
            f"answer them in that table and run again with --matches {path.name}, or take all with --accept-matches",
        ),
    )
