"""What the service answers, for the contract and its readers."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel

T = TypeVar("T")

Links = dict[str, str]


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None = None


class FaultAnswer(BaseModel):
    rule: str
    message: str
    remedy: str
    value: str | None = None
    file: str | None = None
    layer: str | None = None
    row: int | None = None
    column: str | None = None
    pointer: str | None = None


class Problem(BaseModel):
    """RFC 9457."""

    type: str
    code: str
    status: int
    title: str
    detail: str
    remedy: str
    instance: str | None = None
    errors: list[FaultAnswer] | None = None
    num_errors: int | None = None
    download: str | None = None


class ProblemKind(BaseModel):
    code: str
    status: int
    title: str
    remedy: str


class Health(BaseModel):
    status: Literal["ok"]
    version: str


class Readiness(BaseModel):
    status: Literal["ready", "draining", "starting"]
    checks: dict[str, bool]


class Root(BaseModel):
    name: str
    version: str
    auth: Literal["open", "tokens"]
    base_map: str | None
    links: Links


class Session(BaseModel):
    actor: str
    token_id: str
    server_admin: bool
    roles: dict[str, str]


class ProfileAnswer(BaseModel):
    name: str
    title: str
    levels: list[dict[str, Any]]


class DemoAnswer(BaseModel):
    name: str
    title: str
    households: int
    buildings: int
    grids: int | None = None


class ProjectAnswer(BaseModel):
    id: str
    name: str
    profile: str
    profile_toml: str | None
    crs: str | None
    revision: int
    role: str
    created: str
    updated: str
    links: Links


class MemberAnswer(BaseModel):
    actor: str
    token_id: str
    role: str


class AuditAnswer(BaseModel):
    at: str
    actor: str
    action: str
    target: str
    status: int


class FileAnswer(BaseModel):
    name: str
    bytes: int
    sha256: str


class OutputAnswer(FileAnswer):
    media_type: str
    purpose: str
    href: str


class DatasetAnswer(BaseModel):
    id: str
    name: str
    version: int
    state: Literal["reading", "ready", "refused"]
    options: dict[str, Any]
    files: list[FileAnswer]
    summary: dict[str, Any]
    notices: list[FaultAnswer]
    num_faults: int
    job: str | None
    created: str
    actor: str
    links: Links


class JobAnswer(BaseModel):
    id: str
    kind: str
    name: str
    state: Literal["accepted", "running", "successful", "failed", "dismissed"]
    phase: str | None
    level: str | None
    progress: dict[str, Any]
    stop_requested: bool
    stop_reason: str | None
    attempts: int
    error: Problem | None
    result: dict[str, Any] | None
    limits: dict[str, Any]
    inputs: dict[str, Any]
    revision: int
    created: str
    started: str | None
    finished: str | None
    actor: str
    links: Links


class Valid(BaseModel):
    valid: Literal[True]


class BestAnswer(BaseModel):
    level: str | None
    units: list[str]
    grid: list[int | None]
    best: float | None
    bound: float | None
    gap: float | None
    seconds: float


class PlanAnswer(BaseModel):
    id: str
    number: int
    name: str
    dataset: str | None
    base: str | None
    job: str | None
    origin: str
    county: str
    levels: list[dict[str, Any]]
    approval: Literal["draft", "submitted", "reviewed", "filed"]
    notices: list[FaultAnswer]
    num_notices: int
    revision: int
    created: str
    actor: str
    links: Links


class ViolationAnswer(BaseModel):
    level: str
    rule: str
    kind: Literal["violation", "warning", "reason", "note"]
    grid: str | None
    units: list[str]
    amount: float
    message: str
    remedy: str


class TrailAnswer(BaseModel):
    at: str
    actor: str
    action: str
    before: str
    after: str
    comment: str


class LineAnswer(BaseModel):
    grid: str | None
    previous: str | None
    fate: str
    households: int
    retained: int
    origins: list[tuple[str | None, int]]
    heirs: list[tuple[str | None, int]]


class LineageAnswer(BaseModel):
    against: str
    level: str
    moved_households: int
    lines: list[LineAnswer]


class LocksAnswer(BaseModel):
    units: list[str]
    grids: list[str]
    lines: list[list[str]]


class BrokenAnswer(BaseModel):
    rule: str
    grid: str
    amount: float
    message: str


class StaffState(BaseModel):
    changes: int
    lawful: bool
    num_broken: int
    num_short: int


class StaffLoad(BaseModel):
    person: str
    role: str
    targets: list[str]
    load: float
    share: float
    capacity: float


class StaffLoadChange(StaffLoad):
    load_before: float


class StaffStages(BaseModel):
    role: str
    unfilled: int
    ratio: float
    deviation: float
    changes: int
    metres: int


class StaffRole(StaffStages):
    level: str


class StaffBreach(BaseModel):
    rule: str
    person: str | None
    target: str | None
    message: str


class StaffShort(BaseModel):
    role: str
    target: str
    missing: int


class StaffOutcomeAnswer(BaseModel):
    """What an edit does to the staff: loads, stages, rules, open posts."""

    lawful: bool
    people: list[StaffLoadChange]
    change: list[StaffStages]
    broken: list[StaffBreach]
    mended: list[StaffBreach]
    short: list[StaffShort]


class StaffPost(BaseModel):
    role: str
    person: str
    target: str
    title: str
    previous: bool


class StaffingAnswer(BaseModel):
    """Who serves where in a draft."""

    posted: list[StaffPost]
    people: list[StaffLoad]
    roles: list[StaffRole]
    short: list[StaffShort]
    broken: list[StaffBreach]


class StaffChoice(BaseModel):
    person: str
    gained: list[list[str]]
    lost: list[list[str]]
    effect: dict[str, float]


class StaffTakersAnswer(BaseModel):
    role: str
    choices: list[StaffChoice]


class DraftAnswer(BaseModel):
    id: str
    name: str
    plan: str
    level: str
    revision: int
    position: int
    num_edits: int
    can_undo: bool
    can_redo: bool
    locks: LocksAnswer
    objective: dict[str, float]
    base_objective: dict[str, float]
    num_violations: int
    violations: list[ViolationAnswer]
    num_grids: int
    moved_units: int
    moved_households: int
    staff: StaffState | None
    created: str
    updated: str
    actor: str
    links: Links


class DraftItem(BaseModel):
    id: str
    name: str
    plan: str
    level: str
    revision: int
    position: int
    num_edits: int
    created: str
    updated: str
    actor: str
    links: Links


class Change(BaseModel):
    walk: float
    split: int
    balance: float
    move: int
    total: float


class OutcomeAnswer(BaseModel):
    draft: DraftAnswer | None
    lawful: bool
    change: Change
    broken: list[BrokenAnswer]
    mended: list[BrokenAnswer]
    households: dict[str, int]
    labels: dict[str, str]
    staff: StaffOutcomeAnswer | None


class TakerAnswer(BaseModel):
    grid: str
    lawful: bool
    change: Change
    broken: list[BrokenAnswer]
    mended: list[BrokenAnswer]
    households: dict[str, int]


class LabelsAnswer(BaseModel):
    units: list[str]
    grid: list[str | None]
    previous: list[str | None]


class EditAnswer(BaseModel):
    number: int
    in_force: bool
    at: str
    actor: str
    moves: list[dict[str, Any]]
    staff: list[dict[str, str | None]]
    lock: dict[str, Any] | None
    unlock: dict[str, Any] | None
    comment: str
