"""The ledger of assignments (人员安排台账): who serves where, at what load, what is short, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from partitioner.errors import Text
from partitioner.io.writing.ledger_columns import Column
from partitioner.io.writing.ledger_notes import Note
from partitioner.io.writing.staffed import NormRow, Staffed
from partitioner.io.writing.staffing_words import (
    LEVELS,
    STAGES,
    load_in_words,
    reason,
    relaxations,
    stage_proof,
    stage_value,
)
from partitioner.io.writing.words import STOPPED
from partitioner.io.writing.workbook import formats_of, workbook, write_notes, write_table
from partitioner.staffing import Contact, Person, Role, Target, contacts, load_terms
from partitioner.staffing.judging import metres_between

MAX_NOTICES = 5_000


def write_staffing_ledger(staffed: Staffed, path: str | Path) -> None:
    """Sheets 人员, 岗位, 负荷, 缺口, 变动, 编制标准 and 说明; 联系 where one role leads another.

    Raises
    ------
    OutputError
        The file cannot be written; what stood there is untouched.
    """
    with workbook(path, f"{staffed.targets.name} 人员安排台账") as book:
        formats = formats_of(book)
        for name, columns, rows, is_wrong in (
            ("人员", _people_columns(staffed), _people(staffed), lambda row: not row.targets and row.must),
            ("岗位", _post_columns(staffed), _posts(staffed), lambda row: row.person is None),
            ("负荷", _load_columns(), _loads(staffed), lambda _: False),
            ("缺口", _SHORT, _shortfalls(staffed), lambda _: True),
            ("变动", _CHANGES, _changes(staffed), lambda _: False),
            ("编制标准", _norm_columns(staffed), staffed.norms, _below_norm),
        ):
            write_table(book.add_worksheet(name), columns, rows, formats, is_wrong)
        tiers = list(_tiers(staffed))
        if tiers:
            write_table(book.add_worksheet("联系"), _tier_columns(staffed), tiers, formats, lambda row: not row.leaders)
        write_notes(book.add_worksheet("说明"), list(_notes(staffed)), formats)


@dataclass(frozen=True, kw_only=True)
class _PersonRow:
    person: Person
    role: Text
    targets: tuple[str, ...]
    titles: str
    load: float
    share: float
    capacity: float
    metres: float | None
    must: bool
    change: str


def _people(staffed: Staffed) -> Iterator[_PersonRow]:
    roster = staffed.roster
    for person in roster.people:
        held = staffed.held[person.number]
        load, share = staffed.loads[person.number]
        ways = [metres_between(person, roster.target[name]) for name in held]
        yield _PersonRow(
            person=person,
            role=staffed.rules.role(person.role).title,
            targets=held,
            titles="、".join(staffed.targets.title(name) for name in held if name in staffed.targets.titles),
            load=round(load, 2),
            share=round(share, 2),
            capacity=roster.capacity(person),
            metres=None if None in ways or not ways else round(sum(way for way in ways if way is not None)),
            must=roster.posts_range(person)[0] > 0,
            change=_change(person, held),
        )


def _change(person: Person, held: tuple[str, ...]) -> str:
    if not person.previous:
        return "新任" if held else "待岗"
    if set(person.previous) <= set(held):
        return "不变" if set(person.previous) == set(held) else "增加"
    return "调整" if held else "卸任"


def _people_columns(staffed: Staffed) -> list[Column]:
    columns = [Column(heading="工号", width=16, value=lambda r: r.person.number)]
    if staffed.names:
        columns.append(Column(heading="姓名", width=12, value=lambda r: staffed.names.get(r.person.number)))
    return [
        *columns,
        Column(heading="职务", width=16, value=lambda r: r.role.zh),
        Column(heading="单位", width=18, value=lambda r: _organisation(staffed, r.person)),
        Column(heading="对象数", width=8, value=lambda r: len(r.targets), kind="integer"),
        Column(heading="对象编码", width=24, value=lambda r: "、".join(r.targets)),
        Column(heading="对象名称", width=28, value=lambda r: r.titles),
        Column(heading="负荷", width=10, value=lambda r: r.load, kind="decimal"),
        Column(heading="容量", width=10, value=lambda r: r.capacity, kind="decimal"),
        Column(heading="负荷比", width=9, value=lambda r: round(r.load / r.capacity, 4), kind="decimal"),
        Column(heading="公平份额", width=10, value=lambda r: r.share, kind="decimal"),
        Column(heading="高于份额", width=10, value=lambda r: round(r.load - r.share, 2), kind="decimal"),
        Column(heading="距住处（米）", width=11, value=lambda r: r.metres, kind="metres"),
        Column(heading="变动", width=9, value=lambda r: r.change),
    ]


def _organisation(staffed: Staffed, person: Person) -> str | None:
    return None if person.organisation is None else staffed.targets.title(person.organisation)


@dataclass(frozen=True, kw_only=True)
class _PostRow:
    role: Role
    title: Text
    target: Target
    community: str
    person: Person | None
    locked: bool
    metres: float | None


def _posts(staffed: Staffed) -> Iterator[_PostRow]:
    """A row per person and target, and one for every post that stays open."""
    roster = staffed.roster
    for result in staffed.staffing.roles:
        role, title = roster.role[result.role], staffed.rules.role(result.role).title
        missing = dict(result.short_targets)
        for target in roster.targets:
            if target.level != role.level:
                continue
            numbers = staffed.serving.get((role.name, target.id), ())
            people = [*(roster.person[number] for number in numbers), *[None] * missing.get(target.id, 0)]
            for person in people:
                yield _PostRow(
                    role=role,
                    title=title,
                    target=target,
                    community=_community(staffed, target),
                    person=person,
                    locked=person is not None and (person.number, target.id) in staffed.locked,
                    metres=None if person is None else _metres(person, target),
                )


def _metres(person: Person, target: Target) -> int | None:
    metres = metres_between(person, target)
    return None if metres is None else round(metres)


def _community(staffed: Staffed, target: Target) -> str:
    areas = staffed.roster.around[target.id]
    known = staffed.roster.target
    own = next((name for name in areas if name in known and known[name].level == "community"), None)
    return "" if own is None else staffed.targets.title(own)


def _post_columns(staffed: Staffed) -> list[Column]:
    return [
        Column(heading="职务", width=16, value=lambda r: r.title.zh),
        Column(heading="对象编码", width=24, value=lambda r: r.target.id),
        Column(heading="对象名称", width=26, value=lambda r: _named(staffed, r.target.id)),
        Column(heading="层级", width=10, value=lambda r: LEVELS[r.role.level].zh),
        Column(heading="社区", width=18, value=lambda r: r.community),
        Column(heading="户数", width=9, value=lambda r: round(r.target.work.get("households", 0)), kind="integer"),
        Column(heading="工号", width=16, value=lambda r: None if r.person is None else r.person.number),
        *(
            [Column(heading="姓名", width=12, value=lambda r: r.person and staffed.names.get(r.person.number))]
            if staffed.names
            else []
        ),
        Column(
            heading="单位", width=18, value=lambda r: None if r.person is None else _organisation(staffed, r.person)
        ),
        Column(heading="距住处（米）", width=11, value=lambda r: r.metres, kind="metres"),
        Column(heading="状态", width=10, value=_status),
    ]


def _status(row: _PostRow) -> str:
    if row.person is None:
        return "空缺"
    if row.locked:
        return "锁定"
    if row.target.id in row.person.previous:
        return "留任"
    return "在岗"


@dataclass(frozen=True, kw_only=True)
class _LoadRow:
    title: Text
    target: str
    name: str | None
    told: str
    load: float
    people: int
    each: float | None


def _loads(staffed: Staffed) -> Iterator[_LoadRow]:
    for role in staffed.roster.roles:
        if role.measure == "posts":
            continue
        for target in staffed.roster.targets:
            if target.level != role.level:
                continue
            terms = load_terms(role, target)
            load, num = sum(term.load for term in terms), len(staffed.serving.get((role.name, target.id), ()))
            each = None if not num else load / num if role.sharing == "split" else load
            yield _LoadRow(
                title=staffed.rules.role(role.name).title,
                target=target.id,
                name=_named(staffed, target.id),
                told=load_in_words(terms),
                load=round(load, 2),
                people=num,
                each=None if each is None else round(each, 2),
            )


def _load_columns() -> list[Column]:
    return [
        Column(heading="职务", width=16, value=lambda r: r.title.zh),
        Column(heading="对象编码", width=24, value=lambda r: r.target),
        Column(heading="对象名称", width=26, value=lambda r: r.name),
        Column(heading="负荷", width=10, value=lambda r: r.load, kind="decimal"),
        Column(heading="人数", width=8, value=lambda r: r.people, kind="integer"),
        Column(heading="每人负荷", width=10, value=lambda r: r.each, kind="decimal"),
        Column(heading="负荷构成", width=60, value=lambda r: r.told),
    ]


@dataclass(frozen=True, kw_only=True)
class _ShortRow:
    title: Text
    name: str
    missing: int
    why: str
    remedy: str
    targets: str = ""
    people: str = ""


_SHORT = [
    Column(heading="职务", width=16, value=lambda r: r.title.zh),
    Column(heading="对象编码或工号", width=24, value=lambda r: r.name),
    Column(heading="缺", width=7, value=lambda r: r.missing, kind="integer"),
    Column(heading="原因", width=44, value=lambda r: r.why),
    Column(heading="最小放宽（任一项）", width=48, value=lambda r: r.remedy),
    Column(heading="一并缺人的对象", width=36, value=lambda r: r.targets),
    Column(heading="能去的人员", width=36, value=lambda r: r.people),
]


def _shortfalls(staffed: Staffed) -> Iterator[_ShortRow]:
    for result in staffed.staffing.roles:
        title = staffed.rules.role(result.role).title
        told = {empty.target: empty for empty in staffed.empty.get(result.role, ())}
        within = {name: empty.target for empty in told.values() for name in empty.targets}
        for name, missing in result.short_targets:
            empty = told.get(name)
            if empty is None:
                why = f"与 {within[name]} 同一原因" if name in within else "原因与上列各行类似，未逐一说明"
                yield _ShortRow(title=title, name=name, missing=missing, why=why, remedy="")
                continue
            yield _ShortRow(
                title=title,
                name=name,
                missing=missing,
                why=reason(empty).zh,
                remedy=relaxations(empty, title).zh,
                targets="、".join(empty.targets),
                people="、".join(empty.people),
            )
        for number, missing in result.short_people:
            why = "没有可去的空岗" if not staffed.held[number] else f"只有 {len(staffed.held[number])} 个岗位"
            yield _ShortRow(title=title, name=number, missing=missing, why=f"人员缺岗：{why}", remedy="")


@dataclass(frozen=True, kw_only=True)
class _ChangeRow:
    person: str
    title: Text | None
    target: str
    name: str | None
    what: str


_CHANGES = [
    Column(heading="工号", width=16, value=lambda r: r.person),
    Column(heading="职务", width=16, value=lambda r: r.title and r.title.zh),
    Column(heading="对象编码", width=24, value=lambda r: r.target),
    Column(heading="对象名称", width=26, value=lambda r: r.name),
    Column(heading="变动", width=12, value=lambda r: r.what),
]


def _changes(staffed: Staffed) -> Iterator[_ChangeRow]:
    """What people gave up and took on, of those who served somewhere before; those who left, last."""
    for person in staffed.roster.people:
        if not person.previous:
            continue
        before, after = set(person.previous), set(staffed.held[person.number])
        for what, names in (("不再负责", before - after), ("新负责", after - before)):
            for name in sorted(names):
                yield _ChangeRow(
                    person=person.number,
                    title=staffed.rules.role(person.role).title,
                    target=name,
                    name=_named(staffed, name),
                    what=what,
                )
    for number, target in staffed.left:
        yield _ChangeRow(person=number, title=None, target=target, name=_named(staffed, target), what="离岗")


@dataclass(frozen=True, kw_only=True)
class _TierRow:
    title: Text
    post: Contact
    leaders: tuple[str, ...]
    above: tuple[str, ...]


def _tiers(staffed: Staffed) -> Iterator[_TierRow]:
    """Every post that is led, who leads there, and who leads those."""
    roster = staffed.roster
    found = contacts(roster, staffed.staffing.posted)
    leads: dict[str, list[Contact]] = {}
    for one in found:
        leads.setdefault(one.person, []).append(one)
    for one in found:
        around = set(roster.around[one.target])
        above = {
            number
            for leader in one.leaders
            for own in leads.get(leader, ())
            if own.target in around
            for number in own.leaders
        }
        title = staffed.rules.role(roster.person[one.person].role).title
        yield _TierRow(title=title, post=one, leaders=one.leaders, above=tuple(sorted(above)))


def _tier_columns(staffed: Staffed) -> list[Column]:
    def called(number: str) -> str:
        return f"{number} {staffed.names[number]}" if number in staffed.names else number

    return [
        Column(heading="工号", width=16, value=lambda r: called(r.post.person)),
        Column(heading="职务", width=16, value=lambda r: r.title.zh),
        Column(heading="对象编码", width=24, value=lambda r: r.post.target),
        Column(heading="对象名称", width=26, value=lambda r: _named(staffed, r.post.target)),
        Column(heading="上一级联系人", width=30, value=lambda r: "、".join(map(called, r.leaders))),
        Column(heading="再上一级联系人", width=30, value=lambda r: "、".join(map(called, r.above))),
    ]


def _named(staffed: Staffed, target: str) -> str | None:
    title = staffed.targets.title(target)
    return None if title == target else title


def _below_norm(row: NormRow) -> bool:
    return bool(row.shortfall or row.full_time_shortfall)


def _norm_columns(staffed: Staffed) -> list[Column]:
    return [
        Column(heading="社区编码", width=18, value=lambda r: r.community),
        Column(heading="社区", width=18, value=lambda r: staffed.targets.title(r.community)),
        Column(heading="人口", width=10, value=lambda r: round(r.residents), kind="integer"),
        Column(heading="人口来源", width=12, value=lambda r: "按户数推算" if r.estimated else "台账"),
        Column(heading="社区工作者", width=11, value=lambda r: r.workers, kind="integer"),
        Column(heading="按标准应有", width=11, value=lambda r: r.required, kind="integer"),
        Column(heading="缺额", width=8, value=lambda r: r.shortfall, kind="integer"),
        Column(heading="网格数", width=8, value=lambda r: r.grids, kind="integer"),
        Column(heading="专职网格员", width=11, value=lambda r: r.full_time, kind="integer"),
        Column(heading="专职应有", width=10, value=lambda r: r.required_full_time, kind="integer"),
        Column(heading="专职缺额", width=10, value=lambda r: r.full_time_shortfall, kind="integer"),
    ]


_MEANING = (
    (
        "负荷 / 容量 / 负荷比",
        "负荷为加权工作量（见“负荷”表），负荷比 = 负荷 ÷ 容量",
        "Weighted work; ratio = load / capacity",
    ),
    (
        "公平份额",
        "能互相替换的一组人按容量分摊其全部负荷",
        "The load of linked people and targets, shared out by capacity",
    ),
    ("距住处（米）", "住处到对象中心的直线距离；空白为未知", "Straight metres from home; blank where unknown"),
    ("变动", "与花名册“现负责”或以前的安排相比", "Against the roster's or an earlier assignment"),
    ("联系", "每个岗位的上一级联系人及其再上一级", "Who leads at each post, and who leads those"),
    ("已证明", "没有别的安排能更好（前面各项不变坏）", "No assignment does better without spoiling earlier aims"),
)


def _notes(staffed: Staffed) -> Iterator[Note]:
    found = staffed.staffing
    yield Note(f"{staffed.targets.name} 人员安排", "中文", "English", True)
    stopped = STOPPED[found.stop_reason]
    yield Note("结束原因 Why it ended", stopped.zh, stopped.en)
    yield Note("规则模板 Profile", staffed.profile, staffed.profile)
    for result in found.roles:
        rule = staffed.rules.role(result.role)
        people = sum(person.role == result.role for person in staffed.roster.people)
        yield Note(f"{rule.title.zh} {rule.title.en.capitalize()}", is_section=True)
        yield Note(
            "人数 / 对象 / 岗位",
            f"{people} 人，{staffed.targets_of(rule.role)} 个{LEVELS[rule.role.level].zh}，{len(result.posted)} 个岗位",
            f"{people} people, {staffed.targets_of(rule.role)} targets, {len(result.posted)} posts",
        )
        for stage in result.stages:
            name, proof = STAGES[stage.stage], stage_proof(stage)
            told = stage_value(stage)
            yield Note(f"{name.zh} {name.en}", f"{told}（{proof.zh}）", f"{told} ({proof.en})")
    if staffed.notices:
        yield Note("数据提示 Notices", f"{len(staffed.notices)} 条", f"{len(staffed.notices)} in all", True)
    for fault in staffed.notices[:MAX_NOTICES]:
        text = fault.text()
        yield Note(fault.rule, text.zh, text.en)
    yield Note("列的含义 Columns", is_section=True)
    for line in _MEANING:
        yield Note(*line)
