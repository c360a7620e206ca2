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
LevelName = Literal["community", "grid", "micro"]


class Body(BaseModel):
    """Unknown keys are refused by name."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class LogIn(Body):
    token: Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")]


class NewProject(Body):
    name: Name
    profile: Name = "hebei"
    demo: Name | None = Field(None, description="Name of a bundled case whose data the project begins with")


class ProjectChanges(Body):
    name: Name | None = None
    profile: Name | None = None
    profile_toml: Annotated[str, Field(max_length=200_000, pattern=r"^[^\x00]*$")] | None = None


class Membership(Body):
    role: Literal["viewer", "planner", "reviewer", "admin"]


class ReadingOptions(Body):
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
    profile: Name | None = None
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


class ExportInputs(Body):
    plan: Key
    sheets: Literal[True] = True


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
    inputs: DraftInputs


class ExportJob(JobRequest):
    kind: Literal["export"]
    inputs: ExportInputs


AnyJob = Annotated[PlanJob | CheckJob | SaveJob | FinishJob | ExportJob, Field(discriminator="kind")]


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


class Locks(Body):
    units: Annotated[list[Label], Field(max_length=100_000)] = []
    grids: Annotated[list[Label], Field(max_length=100_000)] = []
    all: bool = False


class EditBody(Body):
    moves: Annotated[list[MoveBody], Field(max_length=1000)] = []
    lock: Locks | None = None
    unlock: Locks | None = None
    comment: Comment = ""


class UnitsBody(Body):
    units: Annotated[list[Label], Field(min_length=1, max_length=100_000)]


class Steps(Body):
    steps: Annotated[int, Field(ge=1, le=10_000)] = 1
