"""What clients send."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from service.api.asking import ID

Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Optional = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Label = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Comment = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")]
Key = Annotated[str, Field(pattern=ID)]
CrsCode = Annotated[str, Field(max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$", description="Such as EPSG:4547")]
ProfileText = Annotated[str, Field(max_length=200_000, pattern=r"^[^\x00]*$")]
LevelName = Literal["community", "grid", "micro"]


class Body(BaseModel):
    """Unknown keys are refused by name."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class LogIn(Body):
    token: Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")]


class NewProject(Body):
    name: Name
    profile: Name = "hebei"
    crs: CrsCode | None = None
    demo: Name | None = Field(None, description="Name of a bundled case whose data the project begins with")


class ProjectChanges(Body):
    name: Name | None = None
    profile: Name | None = None
    profile_toml: ProfileText | None = None
    crs: CrsCode | None = None


class Membership(Body):
    role: Literal["viewer", "planner", "reviewer", "admin"]


class ReadingOptions(Body):
    purpose: Literal["county", "roster"] = Field("county", description="roster: people to be posted, for `staff`")
    crs: Annotated[str, Field(max_length=10_000)] | dict[Name, Annotated[str, Field(max_length=10_000)]] | None = None
    roles: dict[Name, Name] = {}
    columns: dict[Name, Name] = {}


class NewReading(Body):
    name: Name | None = None
    options: ReadingOptions = ReadingOptions()


class RunLimits(Body):
    time_limit_s: Annotated[float, Field(ge=0)] | None = None
    step_limit: Annotated[int, Field(ge=0, le=10**12)] | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    threads: Annotated[int, Field(ge=1, le=256)] | None = None


Households = Annotated[int, Field(ge=0, le=10**9)]
Weight = Annotated[float, Field(ge=0, le=10**12)]


class BoundsChange(Body):
    min: Households | None = None
    max: Households | None = None
    target: Annotated[float, Field(ge=0, le=10**9)] | None = None


class WeightsChange(Body):
    walk: Weight | None = None
    split: Weight | None = None
    balance: Weight | None = None
    move: Weight | None = None


class PlanInputs(Body):
    dataset: Key
    levels: Annotated[list[LevelName], Field(min_length=1, max_length=3)] = ["grid"]
    county: Name | None = Field(None, description="Name of the county; else that of the project")
    profile: Name | None = None
    profile_toml: ProfileText | None = Field(None, description="A profile of one's own, instead of `profile`")
    bounds: dict[LevelName, BoundsChange] = {}
    weights: dict[LevelName, WeightsChange] = {}
    counts: dict[LevelName, Annotated[int, Field(ge=1, le=10**7)]] = {}
    retired: Annotated[list[Label], Field(max_length=100_000)] = []
    sheets: bool = False


class CheckInputs(Body):
    plan: Key | None = None
    problem: dict[str, Any] | None = Field(None, description="wangge-problem/1")
    labels: dict[str, Any] | None = Field(None, description="wangge-plan/1")


class DraftInputs(Body):
    draft: Key


class FinishInputs(DraftInputs):
    only: Annotated[list[Label], Field(max_length=10_000, description="Grids that alone may change; empty: all")] = []


class ExportInputs(Body):
    plan: Key
    sheets: Literal[True] = True
    duty: bool = Field(False, description="Of a staffed plan: also a duty sheet per grid")


class PrintInputs(Body):
    plan: Key
    level: LevelName | None = None
    paper: Literal["A3", "A4"] = "A3"
    scale: Annotated[int, Field(ge=100, le=10_000_000)] | None = Field(
        None, description="Denominator; by default the largest usual one at which one sheet shows everything"
    )
    language: Literal["zh", "en"] = Field("zh", description="Of title, legend and figures")


ChangeValue = str | int | float | list[str | int | float] | None


class RedrawInputs(Body):
    plan: Key
    dataset: Key | None = Field(None, description="Ledgers and maps of today, where these changed")
    changes: Annotated[list[dict[Name, ChangeValue]], Field(max_length=100_000)] = Field(
        [], description="Rows of a list of changes: kind, objects, value, …"
    )
    weight: Weight | None = Field(None, description="Price of a moved household, household-metres; else fewest first")
    cap: Annotated[int, Field(ge=0, le=10**9)] | None = Field(None, description="At most so many moved per level")
    freeze: Annotated[list[Label], Field(max_length=100_000)] = Field(
        [], description="grid:CODE, unit:ID, line:A/B, staff:PERSON=TARGET"
    )
    mend: bool = False
    trade_off: bool = False
    compare_scratch: bool = False
    accept_matches: bool = False
    sheets: bool = False


class DiffInputs(Body):
    plan: Key
    against: Key
    level: LevelName | None = None


class LockedPair(Body):
    person: Label
    target: Label


class StaffInputs(Body):
    plan: Key
    dataset: Key = Field(description="Rosters, uploaded with the purpose `roster`")
    locks: Annotated[list[LockedPair], Field(max_length=10_000)] = []
    absent: Annotated[list[Label], Field(max_length=10_000)] = []
    who_could_take: Annotated[list[Label], Field(max_length=100)] = []
    sheets: bool = Field(False, description="Also a duty sheet per grid")


class TakersInputs(Body):
    plan: Key = Field(description="A staffed one")
    target: Label
    locks: Annotated[list[LockedPair], Field(max_length=10_000)] = []


class JobRequest(Body):
    """One job. `inputs` depends on the kind."""

    name: Optional = ""
    validate_only: bool = False
    limits: RunLimits = RunLimits()


class PlanJob(JobRequest):
    kind: Literal["plan"]
    inputs: PlanInputs


class CheckJob(JobRequest):
    kind: Literal["check"]
    inputs: CheckInputs


class SaveJob(JobRequest):
    kind: Literal["save"]
    inputs: DraftInputs


class FinishJob(JobRequest):
    kind: Literal["finish"]
    inputs: FinishInputs


class RepairJob(JobRequest):
    kind: Literal["repair"]
    inputs: DraftInputs


class RedrawJob(JobRequest):
    kind: Literal["redraw"]
    inputs: RedrawInputs


class TradeOffJob(JobRequest):
    kind: Literal["trade_off"]
    inputs: RedrawInputs


class DiffJob(JobRequest):
    kind: Literal["diff"]
    inputs: DiffInputs


class StaffJob(JobRequest):
    kind: Literal["staff"]
    inputs: StaffInputs


class TakersJob(JobRequest):
    kind: Literal["takers"]
    inputs: TakersInputs


class ExportJob(JobRequest):
    kind: Literal["export"]
    inputs: ExportInputs


class PrintJob(JobRequest):
    kind: Literal["print"]
    inputs: PrintInputs


KnownJob = (
    PlanJob
    | CheckJob
    | SaveJob
    | FinishJob
    | RepairJob
    | RedrawJob
    | TradeOffJob
    | DiffJob
    | StaffJob
    | TakersJob
    | ExportJob
    | PrintJob
)
AnyJob = Annotated[KnownJob, Field(discriminator="kind")]


class Approving(Body):
    action: Literal["submit", "review", "return", "file"]
    comment: Comment = ""


class NewDraft(Body):
    plan: Key | None = None
    level: LevelName | None = None
    name: Optional = ""
    draft: Key | None = Field(None, description="A draft to fork instead")
    position: Annotated[int, Field(ge=0, le=10**6)] | None = None


class MoveBody(Body):
    units: Annotated[list[Label], Field(min_length=1, max_length=100_000)]
    grid: Label | None = Field(description="null: a new grid")


LineBody = Annotated[list[Label], Field(min_length=2, max_length=2)]


class Locks(Body):
    units: Annotated[list[Label], Field(max_length=100_000)] = []
    grids: Annotated[list[Label], Field(max_length=100_000)] = []
    lines: Annotated[list[LineBody], Field(max_length=100_000, description="Pairs of neighbouring grids")] = []
    all: bool = False


class StaffBody(Body):
    """`to` takes over from `from`; without `from` somebody joins, without `to` somebody leaves."""

    target: Label
    leaves: Label | None = Field(None, alias="from", description="Number of a person")
    comes: Label | None = Field(None, alias="to", description="Number of a person")


class EditBody(Body):
    moves: Annotated[list[MoveBody], Field(max_length=1000)] = []
    staff: Annotated[list[StaffBody], Field(max_length=1000, description="Of a staffed plan")] = []
    lock: Locks | None = None
    unlock: Locks | None = None
    comment: Comment = ""


class TargetBody(Body):
    target: Label


class UnitsBody(Body):
    units: Annotated[list[Label], Field(min_length=1, max_length=100_000)]


class Steps(Body):
    steps: Annotated[int, Field(ge=1, le=10_000)] = 1
