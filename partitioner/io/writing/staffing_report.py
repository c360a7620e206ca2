"""The chapter of the report on people: posts, shortfalls with the smallest relaxation, ratios, stages with proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from partitioner.errors import Text
from partitioner.io.writing.staffed import Staffed
from partitioner.io.writing.staffing_words import STAGES, reason, relaxations, stage_proof, stage_value
from partitioner.io.writing.words import STOPPED
from partitioner.model.files import write_text
from partitioner.staffing import EmptyPost, RoleResult

REPORTS = {"zh": "report.zh.md", "en": "report.en.md"}

BEGIN, END = "<!-- staffing -->", "<!-- /staffing -->"
"""Around the chapter: posting people again replaces it and leaves the rest of the report."""

MAX_IDLE = 20
"""People without enough posts that are named; the ledger lists them all."""

Say = Callable[[str, str], str]


def write_staffing_chapter(staffed: Staffed, folder: Path, files: Sequence[str], *, alone: bool) -> list[Path]:
    """Put the chapter into the reports of a plan in `folder`; returns the reports.

    Parameters
    ----------
    files : sequence of str
        Names of the files of the assignment, to be listed.
    alone : bool
        Whether to write reports of nothing but people where the folder holds none.

    Raises
    ------
    OutputError
        A file cannot be written; what stood there is untouched.
    """
    written = []
    for language, name in REPORTS.items():
        path = folder / name
        before = path.read_text("utf-8") if path.is_file() else None
        if before is None and not alone:
            continue
        say = _in_chinese if language == "zh" else _in_english
        title = say(f"{staffed.targets.name}人员安排报告", f"Staffing of {staffed.targets.name}")
        write_text(path, _inserted(before or f"# {title}\n", "\n\n".join(_chapter(staffed, files, say))))
        written.append(path)
    return written


def _in_chinese(zh: str, _en: str) -> str:
    return zh


def _in_english(_zh: str, en: str) -> str:
    return en


def _inserted(report: str, chapter: str) -> str:
    start, end = report.find(BEGIN), report.find(END)
    told = f"{BEGIN}\n{chapter}\n{END}\n"
    if 0 <= start < end:
        return report[:start] + told + report[end + len(END) :].lstrip("\n")
    return f"{report.rstrip()}\n\n{told}"


def _chapter(staffed: Staffed, files: Sequence[str], say: Say) -> Iterator[str]:
    found = staffed.staffing
    yield f"## {say('人员安排', 'People')}"
    short, proved = staffed.num_short, staffed.shortfall_proved
    if short:
        yield say(
            f"{short} 个岗位空缺{'（已证明不能再少）' if proved else '（未证明是否还能更少）'}。",
            f"{short} posts stay open ({'proved: no fewer' if proved else 'not proved that there are no fewer'}).",
        )
    else:
        yield say("所有岗位均已配人。", "Every post is filled.")
    yield "\n".join(_roles(staffed, say))
    stopped = STOPPED[found.stop_reason]
    yield say(
        "✓ 为已证明：不使排在前面的各项变差，就没有别的安排能更好；否则写出已知下界。"
        f"用时 {found.seconds:,.1f} 秒，结束原因：{stopped.zh}。",
        "✓ is proved: no assignment does better without spoiling what stands before; else a bound is told. "
        f"{found.seconds:,.1f} s; why it ended: {stopped.en}.",
    )
    for result in found.roles:
        lines = list(_shortfalls(staffed, result, say))
        if lines:
            yield "\n".join(lines)
    yield from _norms(staffed, say)
    if files:
        yield say("文件：", "Files: ") + say("、", ", ").join(f"`{name}`" for name in files)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _roles(staffed: Staffed, say: Say) -> Iterator[str]:
    heads = [say("职务", "role"), say("人数", "people"), say("对象", "targets"), say("已配岗位", "posts filled")]
    stages = [stage.stage for stage in staffed.staffing.roles[0].stages] if staffed.staffing.roles else []
    yield _row([*heads, *(say(STAGES[stage].zh, STAGES[stage].en) for stage in stages)])
    yield "|---|" + "---:|" * (len(heads) - 1 + len(stages))
    for result in staffed.staffing.roles:
        rule = staffed.rules.role(result.role)
        people = sum(person.role == result.role for person in staffed.roster.people)
        told = []
        for stage in result.stages:
            proof = Text(" ✓", " ✓") if stage.proved else stage_proof(stage)
            told.append(stage_value(stage) + say(*_both(proof, stage.proved)))
        counts = [f"{people:,}", f"{staffed.targets_of(rule.role):,}", f"{len(result.posted):,}"]
        yield _row([say(rule.title.zh, rule.title.en), *counts, *told])


def _both(proof: Text, proved: bool) -> tuple[str, str]:
    return (proof.zh, proof.en) if proved else (f"（{proof.zh}）", f" ({proof.en})")


def _shortfalls(staffed: Staffed, result: RoleResult, say: Say) -> Iterator[str]:
    title = staffed.rules.role(result.role).title
    missing = sum(num for _, num in result.short_targets)
    bottlenecks = staffed.empty.get(result.role, ())
    if missing:
        yield f"### {say(f'{title.zh}：缺 {missing}', f'{title.en.capitalize()}: {missing} missing')}"
        yield ""
        yield from (_shortfall(staffed, empty, title, say) for empty in bottlenecks)
        told = {name for empty in bottlenecks for name in (empty.target, *empty.targets)}
        rest = sum(name not in told for name, _ in result.short_targets)
        if rest:
            yield say(f"- 另有 {rest} 个对象缺人，见台账“缺口”页。", f"- {rest} more: sheet 缺口 of the ledger.")
    idle = [number for number, _ in result.short_people]
    if idle:
        more = "…" if len(idle) > MAX_IDLE else ""
        yield ("\n" if missing else "") + say(
            f"{title.zh} {len(idle)} 人岗位不足：{'、'.join(idle[:MAX_IDLE])}{more}",
            f"{len(idle)} people of the role {title.en} lack posts: {', '.join(idle[:MAX_IDLE])}{more}",
        )


def _shortfall(staffed: Staffed, empty: EmptyPost, title: Text, say: Say) -> str:
    name = staffed.targets.title(empty.target)
    who = empty.target if name == empty.target else f"{empty.target} {name}"
    why, remedy = reason(empty), relaxations(empty, title)
    return say(
        f"- **{who}**：缺 {empty.missing}，{why.zh}。最小放宽：{remedy.zh}。",
        f"- **{who}**: {empty.missing} missing, {why.en}. Least relaxation: {remedy.en}.",
    )


def _norms(staffed: Staffed, say: Say) -> Iterator[str]:
    rows = [row for row in staffed.norms if row.required is not None]
    if not rows:
        return
    workers, required = sum(row.workers for row in rows), sum(row.required or 0 for row in rows)
    short = sorted((row for row in rows if row.shortfall), key=lambda row: (-row.shortfall, row.community))
    lacking = sum(row.shortfall for row in short)
    zh, en = (
        f"编制标准：社区工作者 {workers} 人，应有 {required} 人",
        f"Norm: {workers} community workers, {required} asked for",
    )
    if not short:
        yield say(f"{zh}，各社区均已达到。", f"{en}; no community lacks any.")
        return
    worst = [f"{staffed.targets.title(row.community)} {row.shortfall}" for row in short[:MAX_IDLE]]
    more = "…" if len(short) > MAX_IDLE else ""
    yield say(
        f"{zh}，{len(short)} 个社区共缺 {lacking} 人：{'、'.join(worst)}{more}。",
        f"{en}; {len(short)} communities lack {lacking}: {', '.join(worst)}{more}.",
    )
