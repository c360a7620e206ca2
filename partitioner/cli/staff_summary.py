"""What the terminal tells of an assignment, and its JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.table import Table

from partitioner.cli.speaking import FOUND, INFEASIBLE, NOTHING_FOUND, Voice, fault_document
from partitioner.cli.summary import STOP
from partitioner.errors import Text
from partitioner.io.staffing_json import stage_to_json
from partitioner.io.writing.condensing import condensed
from partitioner.io.writing.staffed import Staffed
from partitioner.io.writing.staffing_words import STAGES, reason, relaxations, stage_value
from partitioner.posting import Answer
from partitioner.staffing import EmptyPost, RoleResult, StageReport

MAX_SHOWN = 10
"""Choices and shortfalls that the terminal lists; the files hold them all."""

MAX_NOTICES, MAX_OF_A_KIND = 12, 2


def staff_exit_code(staffed: Staffed) -> int:
    """0 every post filled, 3 posts stay open and that is proved, 4 posts are open and that is not proved."""
    if not staffed.num_short:
        return FOUND
    return INFEASIBLE if staffed.shortfall_proved else NOTHING_FOUND


def tell_staffed(speaker: Voice, staffed: Staffed, answers: Sequence[Answer], files: list[str]) -> None:
    """Print an assignment the way the voice wants it."""
    if speaker.as_json:
        speaker.document(staffed_document(staffed, answers, files))
    elif not speaker.quiet:
        _tell_notices(speaker, staffed)
        _tell_roles(speaker, staffed)
        _tell_shortfalls(speaker, staffed)
        _tell_norms(speaker, staffed)
        for answer in answers:
            _tell_answer(speaker, staffed, answer)
        if files:
            speaker.out.print(speaker.text("文件：", "files:"), markup=False)
        for file in files:
            speaker.out.print(f"  {file}", markup=False)


def staffed_document(staffed: Staffed, answers: Sequence[Answer], files: list[str]) -> dict[str, Any]:
    """What `--json` prints."""
    found = staffed.staffing
    return {
        "plan": staffed.targets.name,
        "profile": staffed.profile,
        "stop_reason": found.stop_reason,
        "seconds": round(found.seconds, 3),
        "num_short": staffed.num_short,
        "num_idle": staffed.num_idle,
        "shortfall_proved": staffed.shortfall_proved,
        "roles": [_role_document(staffed, result) for result in found.roles],
        "norms": {
            "communities": len(staffed.norms),
            "shortfall": sum(row.shortfall for row in staffed.norms),
            "full_time_shortfall": sum(row.full_time_shortfall for row in staffed.norms),
        },
        "who_could_take": [_answer_document(answer) for answer in answers],
        "notices": [fault_document(fault) for fault in staffed.notices],
        "files": files,
    }


def _role_document(staffed: Staffed, result: RoleResult) -> dict[str, Any]:
    rule = staffed.rules.role(result.role)
    return {
        "role": result.role,
        "people": sum(person.role == result.role for person in staffed.roster.people),
        "targets": staffed.targets_of(rule.role),
        "posts": len(result.posted),
        "stages": [stage_to_json(stage) for stage in result.stages],
        "short_targets": dict(result.short_targets),
        "short_people": dict(result.short_people),
        "bottlenecks": [_empty_document(empty, rule.title) for empty in staffed.empty.get(result.role, ())],
    }


def _empty_document(empty: EmptyPost, role: Text) -> dict[str, Any]:
    why, remedy = reason(empty), relaxations(empty, role)
    return {
        "target": empty.target,
        "missing": empty.missing,
        "targets": list(empty.targets),
        "people": list(empty.people),
        "wanted": empty.wanted,
        "room": empty.room,
        "message": {"zh": why.zh, "en": why.en},
        "remedy": {"zh": remedy.zh, "en": remedy.en},
    }


def _answer_document(answer: Answer) -> dict[str, Any]:
    return {
        "target": answer.target,
        "role": answer.role,
        "milliseconds": round(answer.seconds * 1000, 1),
        "choices": [
            {
                "person": choice.person,
                "gained": [list(pair) for pair in choice.gained],
                "lost": [list(pair) for pair in choice.lost],
                "effect": {stage: round(float(value), 6) for stage, value in choice.effect.items()},
            }
            for choice in answer.choices
        ],
    }


def _tell_notices(speaker: Voice, staffed: Staffed) -> None:
    if not staffed.notices:
        return
    num = len(staffed.notices)
    speaker.say(f"说明 {num} 条（全文见台账）：", f"{num} notices (in full in the ledger):")
    lines = condensed(staffed.notices, MAX_OF_A_KIND)
    for text in lines[:MAX_NOTICES]:
        speaker.tell("  · ", text)
    if len(lines) > MAX_NOTICES:
        rest = len(lines) - MAX_NOTICES
        speaker.say(f"  ……另有 {rest} 行", f"  … and {rest} more lines")


def _tell_roles(speaker: Voice, staffed: Staffed) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    headings = (Text("职务", "role"), Text("人 → 对象", "people → targets"))
    stages = [STAGES[stage.stage] for stage in staffed.staffing.roles[0].stages] if staffed.staffing.roles else []
    for k, heading in enumerate((*headings, *stages)):
        table.add_column(speaker.stacked(heading), justify="left" if k == 0 else "right", overflow="fold")
    for result in staffed.staffing.roles:
        rule = staffed.rules.role(result.role)
        people = sum(person.role == result.role for person in staffed.roster.people)
        cells = [f"{stage_value(stage)}{' ✓' if stage.proved else _bound(stage)}" for stage in result.stages]
        table.add_row(speaker.stacked(rule.title), f"{people:,} → {staffed.targets_of(rule.role):,}", *cells)
    speaker.out.print(table)
    seconds = f"{staffed.staffing.seconds:,.1f}"
    stop = STOP[staffed.staffing.stop_reason]
    speaker.out.print(
        speaker.text(
            f"✓ 已证明不能更好，≥ 为已知下界；用时 {seconds} 秒，{stop.zh}",
            f"✓ proved best, ≥ a bound on what is possible; {seconds} s, {stop.en}",
        ),
        markup=False,
    )


def _bound(stage: StageReport) -> str:
    """What is left between value and bound, on a line of its own."""
    if stage.bound is None:
        return " ?"
    digits = 3 if stage.stage == "ratio" else 0
    return f"\n≥ {float(stage.bound):,.{digits}f}"


def _tell_shortfalls(speaker: Voice, staffed: Staffed) -> None:
    for result in staffed.staffing.roles:
        title = staffed.rules.role(result.role).title
        missing = sum(num for _, num in result.short_targets)
        proved = result.stage("unfilled").proved
        if missing:
            zh = f"{title.zh}：{missing} 个岗位空缺{'（已证明不能再少）' if proved else ''}"
            en = f"{title.en}: {missing} posts stay open{' (proved: no fewer)' if proved else ''}"
            speaker.out.print(speaker.text(zh, en), style="bold", markup=False)
        for empty in staffed.empty.get(result.role, ())[:MAX_SHOWN]:
            why, remedy = reason(empty), relaxations(empty, title)
            target = (
                f"{empty.target} {staffed.targets.title(empty.target)}"
                if empty.target in staffed.targets.titles
                else empty.target
            )
            told = Text(
                f"{target}：{why.zh}。最小放宽：{remedy.zh}", f"{target}: {why.en}. Least relaxation: {remedy.en}"
            )
            speaker.out.print(f"  • {speaker.stacked(told, '    ')}", markup=False)
        idle = [number for number, _ in result.short_people]
        if idle:
            shown = "、".join(idle[:MAX_SHOWN]) + ("……" if len(idle) > MAX_SHOWN else "")
            zh, en = (
                f"{title.zh}：{len(idle)} 人岗位不足（{shown}）",
                f"{title.en}: {len(idle)} people lack posts ({shown})",
            )
            speaker.out.print(speaker.text(zh, en), style="bold", markup=False)


def _tell_norms(speaker: Voice, staffed: Staffed) -> None:
    short = [row for row in staffed.norms if row.shortfall]
    if not staffed.norms or all(row.required is None for row in staffed.norms):
        return
    workers, required = sum(row.workers for row in staffed.norms), sum(row.required or 0 for row in staffed.norms)
    lacking = sum(row.shortfall for row in short)
    speaker.out.print(
        speaker.text(
            f"编制标准：社区工作者 {workers} 人，应有 {required} 人，{len(short)} 个社区共缺 {lacking} 人",
            f"norm: {workers} community workers, {required} asked for; {len(short)} communities lack {lacking}",
        ),
        markup=False,
    )


def _tell_answer(speaker: Voice, staffed: Staffed, answer: Answer) -> None:
    title = staffed.rules.role(answer.role).title
    head = speaker.text(
        f"谁能接手 {answer.target}（{title.zh}）：{len(answer.choices)} 种，{answer.seconds * 1000:,.0f} 毫秒",
        f"who could take {answer.target} ({title.en}): {len(answer.choices)} ways, {answer.seconds * 1000:,.0f} ms",
    )
    speaker.out.print(head, style="bold", markup=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading in (Text("人", "person"), Text("交出", "gives up"), *(STAGES[stage] for stage in STAGES)):
        table.add_column(speaker.stacked(heading), overflow="fold")
    for choice in answer.choices[:MAX_SHOWN]:
        lost = "、".join(f"{number}–{name}" for number, name in choice.lost) or "–"
        table.add_row(choice.person, lost, *(f"{float(choice.effect[stage]):+,.2f}" for stage in STAGES))
    speaker.out.print(table)
    rest = len(answer.choices) - MAX_SHOWN
    if rest > 0:
        speaker.out.print(speaker.text(f"  ……另有 {rest} 种", f"  … and {rest} more"), markup=False)
