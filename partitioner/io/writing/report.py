"""The plan in a few pages of plain words, Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

from partitioner.errors import Fault, Text
from partitioner.io.writing.bundle import PlannedCounty
from partitioner.io.writing.condensing import condensed
from partitioner.io.writing.histogram import size_histogram
from partitioner.io.writing.rows import GridRow, grid_rows
from partitioner.io.writing.words import RULE_NAMES, STATUS, STOPPED, gap_text, number, sentences, verdict
from partitioner.model import Violation
from partitioner.model.files import write_text

MAX_LISTED = 200
"""Violations beyond this are counted; the ledger lists them all."""

MAX_OF_A_KIND = 20
"""Notices of one kind beyond this are counted; the ledger lists them all."""

FILES = {
    "plan.gpkg": Text(
        "QGIS / ArcGIS 图层：网格、楼栋、障碍、邻接", "layers for QGIS and ArcGIS: grids, units, barriers, edges"
    ),
    "grids.geojson": Text("网格面（经纬度）", "grid polygons (longitude, latitude)"),
    "units.geojson": Text("楼栋及其网格（经纬度）", "buildings with their grids (longitude, latitude)"),
    "ledger.xlsx": Text("网格台账：网格、楼栋、说明", "ledger: grids, buildings, notes"),
    "overview.png": Text("总图（图片）", "overview map (picture)"),
    "overview.pdf": Text("总图（可打印，A3）", "overview map (for printing, A3)"),
    "report.zh.md": Text("本报告", "this report in Chinese"),
    "report.en.md": Text("本报告的英文版", "this report"),
    "problem.json": Text("求解器的输入", "what the solver was asked"),
    "plan.json": Text("求解器的输出", "what the solver answered"),
}
"""What the usual files of a plan are for."""

Say = Callable[[str, str], str]


def write_report(
    planned: PlannedCounty, zh_path: str | Path, en_path: str | Path, *, files: Sequence[str] = tuple(FILES)
) -> None:
    """Two Markdown files: result, sizes, split compounds, violations and notices with remedies, files.

    Parameters
    ----------
    files : sequence of str
        Names of the files that were written, to be listed.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    rows = grid_rows(planned)
    write_text(zh_path, _report(planned, rows, files, lambda zh, _: zh, "zh"))
    write_text(en_path, _report(planned, rows, files, lambda _, en: en, "en"))


def _report(planned: PlannedCounty, rows: tuple[GridRow, ...], files: Sequence[str], say: Say, language: str) -> str:
    result = planned.result
    sections = [
        [f"# {say(f'{planned.county.name}网格划分报告', f'Grid plan of {planned.county.name}')}"],
        _result(planned, rows, say, language),
        _sizes(planned, rows, say),
        _splits(planned, say),
        _violations(say("无合规方案的原因", "Why no lawful plan exists"), result.reasons, say, language),
        _violations(say("违规", "Violations"), result.violations, say, language),
        _violations(say("警告（锁定网格）", "Warnings (locked grids)"), result.warnings, say, language),
        _notices(planned.notices, say, language),
        _files(files, say, language),
    ]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _result(planned: PlannedCounty, rows: tuple[GridRow, ...], say: Say, language: str) -> list[str]:
    result, bounds, objective = planned.result, planned.problem.bounds, planned.result.objective
    households = sum(row.households for row in rows)
    units = planned.problem.units
    stopped = STOPPED[result.stop_reason].in_language(language)
    lines = [
        f"**{STATUS[result.status].in_language(language)}**{say('：', ': ')}"
        f"{verdict(result).in_language(language)}{say('。', '.')}",
        "",
        f"| {say('项目', 'item')} | {say('值', 'value')} |",
        "|---|---|",
        _line(say("网格数", "grids"), number(len(rows))),
        _line(say("户数", "households"), number(households)),
        _line(say("住人楼栋", "inhabited buildings"), number(len(units))),
        _line(say("全部楼栋", "all buildings"), number(len(planned.county.buildings))),
        _line(say("社区", "communities"), number(len(units.parent.names))),
        _line(
            say("户数上下限", "bounds"),
            f"{bounds.min}–{bounds.max}{say('，目标', ', target')} {bounds.aim:g}",
        ),
        _line(say("目标函数（户·米）", "objective (household-metres)"), number(objective.total)),
        _line(say("下界", "lower bound"), number(result.bound)),
        _line(say("与最优的差距至多", "gap at most"), "—" if result.gap is None else gap_text(result.gap)),
        _line(say("结束原因", "why the run ended"), stopped),
        _line(say("规则模板", "profile"), f"{planned.profile.title.in_language(language)} ({planned.profile.name})"),
        _line(say("坐标系", "coordinate system"), planned.county.crs.name),
    ]
    estimated = int(planned.county.buildings["estimated"].fillna(False).sum())
    if estimated:
        lines += [
            "",
            say(
                f"> 注意：{estimated:,} 栋楼的位置或户数是由小区台账推算的，不是实测。"
                "网格线仅供讨论，定案前请用实际楼栋位置重算。",
                f"> Note: positions or households of {estimated:,} buildings were estimated from a compound ledger, "
                "not surveyed. The lines are for discussion; plan again with real positions before deciding.",
            ),
        ]
    return lines


def _line(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _sizes(planned: PlannedCounty, rows: tuple[GridRow, ...], say: Say) -> list[str]:
    locked = sum(row.locked for row in rows)
    rows = tuple(row for row in rows if not row.locked)
    if not rows:
        return []
    sizes = sorted(row.households for row in rows)
    inside = sum(row.within for row in rows)
    besides = say(
        f"另有锁定网格（含专属网格）{locked} 个。", f" Locked grids (special ones among them) besides: {locked}."
    )
    return [
        f"## {say('网格大小', 'Sizes')}",
        "",
        say(
            f"最小 {sizes[0]:,} 户，中位数 {median(sizes):,.0f} 户，最大 {sizes[-1]:,} 户；"
            f"{inside} 个网格（共 {len(rows)} 个）在上下限之内。{besides if locked else ''}",
            f"Smallest {sizes[0]:,}, median {median(sizes):,.0f}, largest {sizes[-1]:,} households; "
            f"{inside} of {len(rows)} grids are within the bounds.{besides if locked else ''}",
        ),
        "",
        "```text",
        *size_histogram(sizes, planned.problem.bounds, say),
        "```",
    ]


def _splits(planned: PlannedCounty, say: Say) -> list[str]:
    explanation = planned.explanation
    if not explanation.num_groups:
        return []
    grids_of: dict[str, int] = {}
    for summary in explanation.grids:
        for name in summary.split_groups:
            grids_of[name] = grids_of.get(name, 0) + 1
    lines = [
        f"## {say('小区', 'Compounds')}",
        "",
        say(
            f"{explanation.num_groups} 个小区中有 {explanation.num_split_groups} 个分在两个以上网格"
            "（户数超过网格上限的小区必须拆分）。",
            f"{explanation.num_split_groups} of {explanation.num_groups} compounds lie in two or more grids "
            "(those above the upper bound have to).",
        ),
    ]
    most = sorted(grids_of.items(), key=lambda item: (-item[1], item[0]))[:10]
    if most:
        heads = (say("拆分最多的小区", "most divided"), say("网格数", "grids"))
        lines += ["", _line(*heads), "|---|---|", *(_line(name, str(num)) for name, num in most)]
    return lines


def _violations(title: str, violations: Iterable[Violation], say: Say, language: str) -> list[str]:
    listed = list(violations)
    if not listed:
        return []
    lines = [f"## {title}{say('：', ': ')}{len(listed)}", ""]
    for violation in listed[:MAX_LISTED]:
        name = RULE_NAMES.get(violation.rule, Text(violation.rule, violation.rule)).in_language(language)
        told = sentences(violation.message, violation.remedy).in_language(language)
        label = "" if violation.grid is None else f"{violation.grid} "
        lines.append(f"- **{label}{name}**{say('：', ': ')}{told}")
    return lines + _rest(len(listed), say)


def _notices(faults: tuple[Fault, ...], say: Say, language: str) -> list[str]:
    if not faults:
        return []
    lines = [f"## {say('数据提示', 'Notices on the data')}{say('：', ': ')}{len(faults)}", ""]
    return lines + [f"- {text.in_language(language)}" for text in condensed(faults, MAX_OF_A_KIND)]


def _rest(num: int, say: Say) -> list[str]:
    rest = num - MAX_LISTED
    if rest <= 0:
        return []
    return [say(f"- ……另有 {rest} 条，见台账“说明”页", f"- … and {rest} more, see the sheet 说明 of the ledger")]


def _files(files: Sequence[str], say: Say, language: str) -> list[str]:
    lines = [f"## {say('文件', 'Files')}", "", _line(say("文件", "file"), say("内容", "contents")), "|---|---|"]
    lines += [_line(f"`{name}`", FILES[name].in_language(language) if name in FILES else "") for name in files]
    again = say("任何人都可以复核本方案", "Anyone can score the plan again")
    return [*lines, "", f"{again}{say('：', ':')}", "", "```sh", "wangge check problem.json plan.json", "```"]
