"""The plan in a few pages of plain words, Chinese and English."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median

from partitioner.errors import Fault, Text
from partitioner.io.writing.bundle import PlannedCounty, PlannedLevels
from partitioner.io.writing.condensing import condensed
from partitioner.io.writing.histogram import size_histogram
from partitioner.io.writing.naming import Planned, as_levels, file_name, plural, reference
from partitioner.io.writing.proofs import PROOFS, Proofs
from partitioner.io.writing.rows import GridRow, area_rows, building_ids
from partitioner.io.writing.totals import total_gap
from partitioner.io.writing.words import RULE_NAMES, STATUS, STOPPED, gap_text, number, sentences, verdict
from partitioner.model import Violation
from partitioner.model.files import write_text

MAX_LISTED = 200
"""Violations beyond this are counted; the ledger lists them all."""

MAX_UNPROVED = 20
"""Areas above without proof that are named; the ledger lists them all."""

MAX_OF_A_KIND = 20
"""Notices of one kind beyond this are counted; the ledger lists them all."""

FILES = {
    "plan.gpkg": Text(
        "QGIS / ArcGIS 图层：网格、楼栋、障碍、邻接", "layers for QGIS and ArcGIS: grids, units, barriers, edges"
    ),
    "communities.geojson": Text("社区面（经纬度）", "community polygons (longitude, latitude)"),
    "grids.geojson": Text("网格面（经纬度）", "grid polygons (longitude, latitude)"),
    "micro_grids.geojson": Text("微网格面（经纬度）", "micro-grid polygons (longitude, latitude)"),
    "units.geojson": Text("楼栋及其网格（经纬度）", "buildings with their grids (longitude, latitude)"),
    "parts.geojson": Text("单元、楼层及其微网格（经纬度）", "stairwells and floors (longitude, latitude)"),
    "ledger.xlsx": Text("网格台账：网格、楼栋、说明", "ledger: grids, buildings, notes"),
    "overview.png": Text("总图（图片）", "overview map (picture)"),
    "overview.pdf": Text("总图（可打印，A3）", "overview map (for printing, A3)"),
    "elevations.pdf": Text("立面图：各单元各层属于哪个微网格", "elevations: which floors belong to which micro-grid"),
    "sheets.pdf": Text("每个网格一张图（A4）", "a sheet per grid (A4)"),
    "report.zh.md": Text("本报告", "this report in Chinese"),
    "report.en.md": Text("本报告的英文版", "this report"),
    "problem.json": Text("求解器的输入", "what the solver was asked"),
    "plan.json": Text("求解器的输出", "what the solver answered"),
    "changes.xlsx": Text("调整清单：变动的楼栋、网格沿革、原因", "what changed: moved buildings, lineage, reasons"),
    "before-after.png": Text("调整前后对照图（图片）", "map of before and after (picture)"),
    "before-after.pdf": Text("调整前后对照图（可打印）", "map of before and after (for printing)"),
    "notices.xlsx": Text("给变动楼栋的通知（表格）", "notices for moved buildings, as a table"),
    "notices.md": Text("给变动楼栋的通知（文本）", "notices for moved buildings, as text"),
    "retired.csv": Text("停用编码及继任", "retired codes and what carries them on"),
    "trade-off.xlsx": Text("变动与质量（表格）", "moved households against quality, as a table"),
    "trade-off.png": Text("变动与质量（图）", "moved households against quality, as a plot"),
    "staffing.json": Text("人员安排（供程序读取和下次沿用）", "who serves where, for programs and for the next time"),
    "staffing.xlsx": Text("人员安排台账", "ledger of assignments"),
    "staffing.gpkg": Text("人员安排图层", "map layers of the assignment"),
    "loads.png": Text("人员负荷图（图片）", "loads of people (picture)"),
    "loads.pdf": Text("人员负荷图（可打印）", "loads of people (for printing)"),
    "duty.pdf": Text("每个网格一张公示牌（A4）", "a duty sheet per grid (A4)"),
    "matches.xlsx": Text("新旧楼栋对应待确认", "doubtful matches of old and new buildings"),
    "state.gpkg": Text("调整和重印时读取的数据，请勿改动", "what redraws and reprints start from: leave it be"),
}
"""What the usual files of a plan are for; those of one level among several have its name before the ending."""

USUAL = ("plan.gpkg", "grids.geojson", "units.geojson", "ledger.xlsx", "overview.png", "overview.pdf", "report.zh.md",
         "report.en.md", "problem.json", "plan.json")  # fmt: skip

Say = Callable[[str, str], str]


def write_report(planned: Planned, zh_path: str | Path, en_path: str | Path, *, files: Sequence[str] = USUAL) -> None:
    """Two Markdown files: result, sizes, split compounds, violations and notices with remedies, files.

    Several levels have a table of all of them and the total gap first, then a chapter each.

    Parameters
    ----------
    files : sequence of str
        Names of the files that were written, to be listed.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    levels = as_levels(planned)
    write_text(zh_path, _report(levels, files, lambda zh, _: zh, "zh"))
    write_text(en_path, _report(levels, files, lambda _, en: en, "en"))


def _report(levels: PlannedLevels, files: Sequence[str], say: Say, language: str) -> str:
    rows = area_rows(levels)
    name, several = levels.levels[0].county.name, len(levels.levels) > 1
    sections = [[f"# {say(f'{name}网格划分报告', f'Grid plan of {name}')}"]]
    if several:
        sections += [_overall(levels, rows, say, language), _estimated(levels, say)]
    for planned in levels.levels:
        if several:
            title = planned.level.title
            sections.append([f"# {say(title.zh, plural(planned.level).capitalize())}"])
        sections += _level(planned, rows[planned.level.name], say, language)
        if not several:
            sections[1] += ["", *_estimated(levels, say)] if _estimated(levels, say) else []
    if several:
        sections.append([f"# {say('其他', 'Further')}"])
    sections += [_notices(levels.notices, say, language), _files(levels, files, say, language)]
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _level(planned: PlannedCounty, rows: tuple[GridRow, ...], say: Say, language: str) -> list[list[str]]:
    result = planned.result
    return [
        _result(planned, rows, say, language),
        _sizes(planned, rows, say),
        _proofs(planned, say, language),
        _splits(planned, say),
        _violations(say("无合规方案的原因", "Why no lawful plan exists"), result.reasons, say, language),
        _violations(say("违规", "Violations"), result.violations, say, language),
        _violations(say("还差多少", "How far it is from lawful"), result.notes, say, language),
        _violations(say("警告（锁定网格）", "Warnings (locked grids)"), result.warnings, say, language),
    ]


def _overall(levels: PlannedLevels, rows: dict[str, tuple[GridRow, ...]], say: Say, language: str) -> list[str]:
    """All levels in one table, and the gap over all of them."""
    heads = (
        say("层级", "level"),
        say("个数", "areas"),
        say("界内", "within bounds"),
        say("界外户数", "households outside"),
        say("结论", "status"),
        say("目标函数", "objective"),
        say("下界", "lower bound"),
        say("差距至多", "gap at most"),
        say("上级带证明者", "cut with proof"),
        say("用时（秒）", "seconds"),
    )
    lines = [_line(*heads), "|---|" + "---:|" * 3 + "---|" + "---:|" * 5]
    for planned, seconds in zip(levels.levels, levels.seconds, strict=True):
        result, areas = planned.result, [row for row in rows[planned.level.name] if not row.locked]
        outside = sum(row.households for row in areas if not row.within)
        lines.append(
            _line(
                planned.level.title.in_language(language),
                number(len(areas)),
                f"{sum(row.within for row in areas):,}",
                number(outside),
                STATUS[result.status].in_language(language),
                number(result.objective.total),
                number(result.bound),
                "—" if result.gap is None else gap_text(result.gap),
                "—" if (proved := Proofs.of(result).proved) is None else f"{proved:.1%}",
                f"{seconds:.1f}" if seconds > 0 else "—",
            )
        )
    gap = total_gap(levels)
    told = say("至少一个层级的下界未知", "the bound of a level is not known") if gap is None else gap_text(gap)
    return [
        *lines,
        "",
        say(
            f"总差距至多：**{told}**（各层级目标函数之和与下界之和之差；每一层的下界以其上一层的划分为前提）。",
            f"Total gap at most: **{told}** (sum of objectives and sum of bounds; the bound of each level takes the "
            "areas of the level above as given).",
        ),
    ]


def _estimated(levels: PlannedLevels, say: Say) -> list[str]:
    planned = reference(levels)
    frame = planned.county.buildings
    num = len(set(building_ids(frame)[frame["estimated"].fillna(False).to_numpy(dtype=bool)].tolist()))
    if not num:
        return []
    return [
        say(
            f"> 注意：{num:,} 栋楼的位置或户数是由小区台账推算的，不是实测。"
            "网格线仅供讨论，定案前请用实际楼栋位置重算。",
            f"> Note: positions or households of {num:,} buildings were estimated from a compound ledger, "
            "not surveyed. The lines are for discussion; plan again with real positions before deciding.",
        ),
    ]


def _result(planned: PlannedCounty, rows: tuple[GridRow, ...], say: Say, language: str) -> list[str]:
    result, bounds, objective = planned.result, planned.problem.bounds, planned.result.objective
    households = sum(row.households for row in rows)
    stopped = STOPPED[result.stop_reason].in_language(language)
    return [
        f"**{STATUS[result.status].in_language(language)}**{say('：', ': ')}"
        f"{verdict(result).in_language(language)}{say('。', '.')}",
        "",
        f"| {say('项目', 'item')} | {say('值', 'value')} |",
        "|---|---|",
        _line(say(f"{planned.level.title.zh}数", plural(planned.level)), number(len(rows))),
        _line(say("户数", "households"), number(households)),
        *_counts(planned, say),
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


def _counts(planned: PlannedCounty, say: Say) -> list[str]:
    """What was divided, and into which areas above."""
    units = planned.problem.units
    buildings = len(set(building_ids(planned.county.buildings).tolist()))
    of_level = {
        "community": ("单位（小区、楼栋）", "units (compounds, buildings)"),
        "micro": ("单位（楼层、单元、平房）", "units (floors, stairwells, houses)"),
    }
    unit = say(*of_level.get(planned.level.name, ("住人楼栋", "inhabited buildings")))
    return [
        _line(unit, number(len(units))),
        _line(say("全部楼栋", "all buildings"), number(buildings)),
        _line(_above(planned, say), number(len(units.parent.names))),
    ]


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
        f"## {say(f'{planned.level.title.zh}大小', 'Sizes')}",
        "",
        say(
            f"最小 {sizes[0]:,} 户，中位数 {median(sizes):,.0f} 户，最大 {sizes[-1]:,} 户；"
            f"{inside} 个{planned.level.title.zh}（共 {len(rows)} 个）在上下限之内。{besides if locked else ''}",
            f"Smallest {sizes[0]:,}, median {median(sizes):,.0f}, largest {sizes[-1]:,} households; "
            f"{inside} of {len(rows)} {plural(planned.level)} are within the bounds.{besides if locked else ''}",
        ),
        "",
        "```text",
        *size_histogram(sizes, planned.problem.bounds, say),
        "```",
    ]


def _proofs(planned: PlannedCounty, say: Say, language: str) -> list[str]:
    """How many areas above are cut with proof; nothing where there is only one or nobody kept account."""
    proofs = Proofs.of(planned.result)
    if len(proofs.parents) < 2 or proofs.proved is None:
        return []
    heads = (
        say("结论", "what is known"),
        say("个数", "areas"),
        say("占比", "share"),
        say("户数", "households"),
        say("界外户数", "outside"),
        say("其中无法避免（已证明）", "of these unavoidable (proved)"),
    )
    above = _above(planned, say)
    part = proofs.avoidable / proofs.households if proofs.households else 0.0
    return [
        f"## {say(f'按{above}的证明', 'Proofs')}",
        "",
        say(
            f"{len(proofs.parents):,} 个{above}中，{proofs.proved:.1%} 的划分带有证明"
            f"（已证明最优，或已证明界外户数最少）。除已证明无法避免的以外，"
            f"界外 {proofs.avoidable:,} 户，占 {part:.2%}。",
            f"{proofs.proved:.1%} of {len(proofs.parents):,} {above} are cut with proof (of the best plan, or of the "
            f"fewest households outside the bounds). Beyond what is proved unavoidable {proofs.avoidable:,} households "
            f"are outside, {part:.2%}.",
        ),
        "",
        _line(*heads),
        "|---|" + "---:|" * 5,
        *(
            _line(
                PROOFS[share.proof].in_language(language),
                number(share.parents),
                f"{share.parents / len(proofs.parents):.1%}",
                number(share.households),
                number(share.outside),
                number(share.least_outside),
            )
            for share in proofs.shares
            if share.parents
        ),
        *_without_proof(proofs, above, say),
    ]


def _without_proof(proofs: Proofs, above: str, say: Say) -> list[str]:
    rest = proofs.unproved()
    if not rest:
        return []
    told = [
        f"{parent.parent or '—'} "
        + (
            say(f"（差距至多 {gap_text(parent.gap)}）", f"(gap at most {gap_text(parent.gap)})")
            if parent.gap is not None
            else say(
                f"（界外 {parent.outside} 户，至少 {parent.least_outside} 户）",
                f"({parent.outside} outside, at least {parent.least_outside})",
            )
        )
        for parent in rest[:MAX_UNPROVED]
    ]
    more = len(rest) - len(told)
    end_zh, end_en = (f"；另有 {more} 个，见台账", f"; {more} more in the ledger") if more else ("", "")
    return [
        "",
        say(
            f"未带证明的{above}，可疑者在前：{'、'.join(told)}{end_zh}。",
            f"Without proof, the most doubtful first: {', '.join(told)}{end_en}.",
        ),
    ]


def _above(planned: PlannedCounty, say: Say) -> str:
    """What the areas above are called."""
    above = {"community": ("街道（乡镇）", "townships"), "micro": ("网格", "grids")}
    return say(*above.get(planned.level.name, ("社区", "communities")))


def _splits(planned: PlannedCounty, say: Say) -> list[str]:
    explanation = planned.explanation
    if not explanation.num_groups:
        return []
    if planned.level.name == "micro":
        return _split_stairwells(planned, say)
    areas = planned.level.title.zh
    grids_of: dict[str, int] = {}
    for summary in explanation.grids:
        for name in summary.split_groups:
            grids_of[name] = grids_of.get(name, 0) + 1
    lines = [
        f"## {say('小区', 'Compounds')}",
        "",
        say(
            f"{explanation.num_groups} 个小区中有 {explanation.num_split_groups} 个分在两个以上{areas}"
            f"（户数超过{areas}上限的小区必须拆分）。",
            f"{explanation.num_split_groups} of {explanation.num_groups} compounds lie in two or more "
            f"{plural(planned.level)} (those above the upper bound have to).",
        ),
    ]
    most = sorted(grids_of.items(), key=lambda item: (-item[1], item[0]))[:10]
    if most:
        heads = (say("拆分最多的小区", "most divided"), say(f"{areas}数", plural(planned.level)))
        lines += ["", _line(*heads), "|---|---|", *(_line(name, str(num)) for name, num in most)]
    return lines


def _split_stairwells(planned: PlannedCounty, say: Say) -> list[str]:
    num, split = planned.explanation.num_groups, planned.explanation.num_split_groups
    return [
        f"## {say('单元与小区', 'Stairwells and compounds')}",
        "",
        say(
            f"{num:,} 个单元（平房为小区）中有 {split:,} 个分在两个以上{planned.level.title.zh}"
            f"（户数超过上限的单元必须拆分）。",
            f"{split:,} of {num:,} stairwells (compounds, for houses) lie in two or more {plural(planned.level)} "
            "(those above the upper bound have to).",
        ),
    ]


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


def _files(levels: PlannedLevels, files: Sequence[str], say: Say, language: str) -> list[str]:
    titles = {planned.level.name: planned.level.title.in_language(language) for planned in levels.levels}

    def contents(file: str) -> str:
        for level, title in titles.items():
            general = file.replace(f"-{level}.", ".")
            if file not in FILES and general in FILES:
                return f"{title}{say('：', ': ')}{FILES[general].in_language(language)}"
        return FILES[file].in_language(language) if file in FILES else ""

    lines = [f"## {say('文件', 'Files')}", "", _line(say("文件", "file"), say("内容", "contents")), "|---|---|"]
    lines += [_line(f"`{name}`", contents(name)) for name in files]
    again = say("任何人都可以复核本方案", "Anyone can score the plan again")
    checks = [
        f"wangge check {file_name(levels, name, 'problem', '.json')} {file_name(levels, name, 'plan', '.json')}"
        for name in levels.names
    ]
    return [*lines, "", f"{again}{say('：', ':')}", "", "```sh", *checks, "```"]
