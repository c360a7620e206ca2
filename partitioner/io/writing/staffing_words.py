"""Staffing in plain words: stages, why a post is empty, what would fill it."""

from __future__ import annotations

from collections.abc import Sequence

from partitioner.errors import Text
from partitioner.io.targets import PlanTargets
from partitioner.staffing import EmptyPost, LoadTerm, Relaxation, Stage, StageReport
from partitioner.staffing.judging import NOT_ALLOWED

STAGES: dict[Stage, Text] = {
    "unfilled": Text("空缺", "unfilled"),
    "ratio": Text("最高负荷比", "top ratio"),
    "deviation": Text("偏离公平", "off fair"),
    "changes": Text("变动", "changes"),
    "metres": Text("距离（米）", "metres"),
}

LEVELS: dict[str, Text] = {
    "township": Text("街道（乡镇）", "township"),
    "community": Text("社区", "community"),
    "grid": Text("网格", "grid"),
    "special": Text("专属网格", "special grid"),
    "micro": Text("微网格", "micro-grid"),
    "compound": Text("小区", "compound"),
    "building": Text("楼栋", "building"),
    "stairwell": Text("单元", "stairwell"),
}

KINDS: dict[str, Text] = {
    "households": Text("户数", "households"),
    "residents": Text("人口", "residents"),
    "elderly": Text("老年人", "elderly"),
    "special_care": Text("特殊人群", "special care"),
    "no_lift": Text("无电梯户", "homes without lift"),
    "events": Text("事件数", "events"),
    "special": Text("专属网格", "special grids"),
    "posts": Text("岗位", "posts"),
}

MAX_NAMED = 3


def stage_value(stage: StageReport) -> str:
    """The value, as a column shows it."""
    return f"{float(stage.value):,.2f}" if stage.stage == "ratio" else f"{float(stage.value):,.0f}"


def stage_proof(stage: StageReport) -> Text:
    """Whether the value is proved best, else how far the bound is."""
    if stage.proved:
        return Text("已证明", "proved")
    if stage.bound is None:
        return Text("下界未知", "no bound known")
    bound = f"{float(stage.bound):,.3f}" if stage.stage == "ratio" else f"{float(stage.bound):,.0f}"
    return Text(f"下界 {bound}", f"bound {bound}")


def reason(empty: EmptyPost) -> Text:
    """Why a post stays open."""
    if not empty.people:
        return Text("没有人可以担任", "nobody may take it")
    if empty.room < empty.wanted:
        return Text(
            f"{_targets_zh(empty)}共需 {empty.wanted} 个岗位，能去的 {len(empty.people)} 人最多承担 {empty.room} 个",
            f"{_targets_en(empty)} {empty.wanted} posts; {_people(len(empty.people))} may serve there and can fill "
            f"{empty.room}",
        )
    return Text(
        f"能去的 {len(empty.people)} 人受负荷上限或须相邻所限",
        f"load limits or contiguity keep the {_people(len(empty.people))} who may serve there from it",
    )


def _targets_zh(empty: EmptyPost) -> str:
    return "该对象" if len(empty.targets) == 1 else f"包括它在内的 {len(empty.targets)} 个对象"


def _targets_en(empty: EmptyPost) -> str:
    return "it wants" if len(empty.targets) == 1 else f"{len(empty.targets)} targets, of which it is one, want"


def _people(num: int) -> str:
    return "1 person" if num == 1 else f"{num} people"


def relaxation(found: Relaxation, role: Text) -> Text:
    """What would fill one more post."""
    who = found.person or ""
    if found.kind == "one_more_person":
        return Text(f"增加 1 名{role.zh}", f"one more {role.en}")
    if found.kind == "one_more_post":
        return Text(f"{who} 再承担 1 个", f"one more post for {who}")
    if found.kind == "more_load":
        return Text(f"{who} 的负荷上限提高 {found.amount:,.0f}", f"{found.amount:,.0f} more load for {who}")
    if found.kind == "further":
        return Text(f"{who} 的距离上限放宽 {found.amount:,.0f} 米", f"{found.amount:,.0f} m more for {who}")
    rule = NOT_ALLOWED.get(found.rule or "", Text(found.rule or "", found.rule or ""))
    return Text(f"破例由 {who} 担任（{rule.zh}）", f"an exemption for {who} ({rule.en})")


def relaxations(empty: EmptyPost, role: Text) -> Text:
    """All that were found, the smallest of each kind."""
    found = [relaxation(one, role) for one in empty.relaxations]
    if not found:
        return Text("未找到单项放宽", "no single relaxation was found")
    return Text("；或".join(one.zh for one in found), "; or ".join(one.en for one in found))


def load_in_words(terms: Sequence[LoadTerm]) -> str:
    """户数 412 × 1 + 老年人 80 × 0.5 = 452."""
    if not terms:
        return "0"
    parts = (
        f"{KINDS.get(term.kind, Text(term.kind, term.kind)).zh} {term.amount:,g} × {term.weight:g}" for term in terms
    )
    return f"{' + '.join(parts)} = {sum(term.load for term in terms):,g}"


def named(targets: PlanTargets, names: Sequence[str]) -> str:
    """The first of some targets, with their titles."""
    shown = [name if targets.title(name) == name else f"{name} {targets.title(name)}" for name in names[:MAX_NAMED]]
    return "、".join(shown) + ("……" if len(names) > MAX_NAMED else "")
