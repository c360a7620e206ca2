"""What `wangge plan` was asked for, and where it is to be done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from partitioner.profiles import Level, Profile
from partitioner.solver import Limits


@dataclass(frozen=True, kw_only=True)
class Order:
    """The plan that is wanted.

    Parameters
    ----------
    profile : str
        Name or file of `chosen`.
    """

    inputs: Sequence[Path]
    profile: str
    chosen: Profile
    levels: Sequence[Level]
    crs: Mapping[str, str] | str | None
    roles: Mapping[str, str]
    columns: Mapping[str, str]
    counts: Mapping[str, int]
    retired: Sequence[str]
    sheets: bool
    name: str | None
    limits: Limits


@dataclass(frozen=True, kw_only=True)
class Server:
    """The service that is to plan.

    Parameters
    ----------
    token_file : Path or None
        None: the token is in `WANGGE_TOKEN`, or none is needed.
    project : str or None
        Name or id; None: the only one there is, or one called as the county.
    """

    url: str
    token_file: Path | None
    project: str | None
