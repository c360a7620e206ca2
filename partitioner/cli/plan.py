"""`wangge plan`: ledgers and maps in, a folder with the planned county out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partitioner import __version__
from partitioner.cli.level_summary import tell_levels, worst_exit_code
from partitioner.cli.options import AsJson, Lang, Quiet, Seed, StepLimit, Threads, TimeLimit, limits_of
from partitioner.cli.ordering import Order, Server
from partitioner.cli.progress import ProgressLine, cancel_on_interrupt
from partitioner.cli.speaking import FOUND, INFEASIBLE, NOTHING_FOUND, Voice, telling_faults, voice
from partitioner.cli.staff_summary import staff_exit_code, staffed_document, tell_staffed
from partitioner.errors import Fault
from partitioner.io.reading import read_county
from partitioner.io.reading.retired import read_retired
from partitioner.io.reading.roster import check_roster
from partitioner.io.writing import PlannedLevels
from partitioner.io.writing.condensing import condensed
from partitioner.io.writing.staffing_folder import write_staffing_folder
from partitioner.levels.top_down import COMMUNITY, GRID, MICRO
from partitioner.model.files import make_folder
from partitioner.planning import plan_levels, write_outputs
from partitioner.posting import planned_targets, staff_plan, staffing_profile
from partitioner.profiles import Level, Profile, load_profile
from partitioner.solver import Cancel

MAX_NOTICES = 12
"""Lines of notices on the terminal …"""

MAX_OF_A_KIND = 2
"""… and how many of them may be of one kind."""


def plan(
    inputs: Annotated[list[Path], typer.Argument(help="台账与地图文件 · ledgers and maps", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="输出目录 · folder to write to", show_default=False)],
    profile: Annotated[str, typer.Option(help="规则名或 TOML 文件 · profile name or file")] = "hebei",
    levels: Annotated[
        str, typer.Option(metavar="NAME,…", help="层级，由大到小：community,grid,micro · levels, the widest first")
    ] = "grid",
    crs: Annotated[
        list[str] | None,
        typer.Option(metavar="[NAME=]CRS", help="坐标系：EPSG:4547、gcj02、bd09；可按文件或图层 · by file or layer"),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=ROLE", help="图层用途，如 water=barriers:hard · what a layer is"),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=HEADING", help="列名，如 households=NB_LOGTS · which heading is what"),
    ] = None,
    grids: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="全县网格总数，按户数分到各社区 · grids in all, shared by households"),
    ] = None,
    communities: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="全县社区总数 · communities in all")
    ] = None,
    micro_grids: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="全县微网格总数 · micro-grids in all")
    ] = None,
    retired: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="停用编码表，或以前的方案目录；其编码不再使用 · codes never given again"),
    ] = None,
    sheets: Annotated[
        bool, typer.Option("--sheets", help="另出每个网格一张的网格图 · a printable sheet per grid as well")
    ] = False,
    roster: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="花名册，划分后接着配人（见 wangge staff）· rosters: post people as well"),
    ] = None,
    name: Annotated[str | None, typer.Option(help="县名 · name of the county")] = None,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help="由该服务规划，结果相同 · plan on that service, same results")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="令牌文件；也可用 WANGGE_TOKEN · the token, unless in WANGGE_TOKEN"),
    ] = None,
    project: Annotated[
        str | None, typer.Option(metavar="NAME", help="服务上的项目，名称或编号 · project there, name or id")
    ] = None,
    time_limit: TimeLimit = None,
    step_limit: StepLimit = None,
    seed: Seed = 0,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """从台账和地图划分网格 · Plan the grids of a county from its ledgers and maps."""
    speaker = voice(lang, as_json, quiet)
    limits = limits_of(time_limit, step_limit, seed, threads)
    systems = systems_of(crs or [])
    roles, columns = pairs_of(role or [], "--role"), pairs_of(column or [], "--column")
    with telling_faults(speaker, fault_table=output / "faults.xlsx"), ProgressLine(speaker) as line:
        chosen = load_profile(profile)
        wanted = levels_named(chosen, levels)
        counts = _counts({COMMUNITY: communities, GRID: grids, MICRO: micro_grids}, wanted)
        taken = read_retired(retired or [])
        if roster:
            line.phase("roster")
            check_roster(roster, staffing_profile(chosen).staffing)
        make_folder(output)
        order = Order(
            inputs=inputs,
            profile=profile,
            chosen=chosen,
            levels=wanted,
            crs=systems,
            roles=roles,
            columns=columns,
            counts=counts,
            retired=sorted(taken),
            sheets=sheets,
            name=name,
            limits=limits,
        )
        with cancel_on_interrupt(speaker) as cancel:
            if server is None:
                planned, files = _plan_here(order, output, line, cancel)
            else:
                planned, files = _plan_there(
                    order, output, line, cancel, Server(url=server, token_file=token_file, project=project)
                )
            staffed = None
            if roster:
                rules = staffing_profile(chosen)
                staffed = staff_plan(
                    planned_targets(planned, rules),
                    rules,
                    roster,
                    limits=limits,
                    cancel=cancel,
                    notify=line.phase,
                    on_stage=line.on_stage,
                )
                line.phase("write")
                written = write_staffing_folder(
                    staffed, output, f"wangge {__version__}", planned=planned, sheets=sheets, report=True
                )
                files += [file for file in written if file not in files]
    _tell_notices(speaker, planned.notices)
    shown = [str(file) for file in files]
    if staffed is None:
        tell_levels(speaker, planned, shown)
        raise typer.Exit(worst_exit_code(planned))
    tell_levels(speaker, planned, shown, {"staffing": staffed_document(staffed, (), [])})
    if not speaker.as_json:
        tell_staffed(speaker, staffed, (), [])
    codes = {worst_exit_code(planned), staff_exit_code(staffed)}
    raise typer.Exit(next((code for code in (NOTHING_FOUND, INFEASIBLE) if code in codes), FOUND))


def _plan_here(order: Order, folder: Path, line: ProgressLine, cancel: Cancel) -> tuple[PlannedLevels, list[Path]]:
    line.phase("read")
    county = read_county(
        order.inputs,
        crs=order.crs,
        roles=order.roles,
        columns=order.columns,
        name=order.name,
        expand_seed=order.limits.seed,
    )
    planned = plan_levels(
        county,
        order.chosen,
        order.levels,
        counts=order.counts,
        retired=order.retired,
        limits=order.limits,
        observer=line,
        cancel=cancel,
        notify=line.phase,
    )
    cores = order.limits.threads
    return planned, write_outputs(planned, folder, sheets=order.sheets, notify=line.phase, cores=cores)


def _plan_there(
    order: Order, folder: Path, line: ProgressLine, cancel: Cancel, server: Server
) -> tuple[PlannedLevels, list[Path]]:
    from partitioner.cli.remote import plan_on_server  # the client of the service takes a moment to load

    return plan_on_server(order, server, folder, line, cancel)


def levels_named(profile: Profile, levels: str) -> list[Level]:
    """The levels named in `levels`: neighbours in the profile, the widest first."""
    known = [level.name for level in profile.levels]
    wanted = [word.strip() for word in levels.split(",") if word.strip()]
    runs = [known[i:j] for i in range(len(known)) for j in range(i + 1, len(known) + 1)]
    if wanted not in runs or not set(wanted) <= {COMMUNITY, GRID, MICRO}:
        raise typer.BadParameter(
            f"--levels {levels!r}：请由大到小写出规则 {profile.name!r} 中相邻的层级（{','.join(known)}） · "
            f"name neighbouring levels of profile {profile.name!r}, the widest first ({','.join(known)})"
        )
    return [profile.level(name) for name in wanted]


def _counts(asked: dict[str, int | None], wanted: list[Level]) -> dict[str, int]:
    """Numbers of areas that were asked for, by level."""
    planned = {level.name for level in wanted}
    counts = {name: num for name, num in asked.items() if num is not None}
    for name in counts:
        if name not in planned:
            option = {COMMUNITY: "--communities", GRID: "--grids", MICRO: "--micro-grids"}[name]
            raise typer.BadParameter(f"{option}：须同时划分 {name} · {option} needs the level {name}")
    return counts


def pairs_of(entries: list[str], option: str) -> dict[str, str]:
    """Entries such as NAME=VALUE of `option`."""
    pairs = {}
    for entry in entries:
        key, sign, value = entry.partition("=")
        if not (sign and key.strip() and value.strip()):
            raise typer.BadParameter(f"{option} {entry!r}：应为 NAME=VALUE · expected NAME=VALUE")
        pairs[key.strip()] = value.strip()
    return pairs


def systems_of(entries: list[str]) -> dict[str, str] | str | None:
    """One system for everything, or a mapping by file or layer. WKT holds “=” nowhere before its first bracket."""
    plain = [entry for entry in entries if "=" not in entry.split("[")[0]]
    if plain and len(entries) > 1:
        raise typer.BadParameter("--crs：给一个，或都写成 NAME=CRS · give one, or all of them as NAME=CRS")
    return plain[0] if plain else (pairs_of(entries, "--crs") or None)


def _tell_notices(speaker: Voice, notices: tuple[Fault, ...]) -> None:
    if speaker.as_json or not notices:
        return
    speaker.say(f"说明 {len(notices)} 条（全文见台账）：", f"{len(notices)} notices (in full in the ledger):")
    lines = condensed(notices, MAX_OF_A_KIND)
    for text in lines[:MAX_NOTICES]:
        speaker.tell("  · ", text)
    if len(lines) > MAX_NOTICES:
        rest = len(lines) - MAX_NOTICES
        speaker.say(f"  ……另有 {rest} 行", f"  … and {rest} more lines")
