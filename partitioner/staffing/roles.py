"""What a role asks: how many people where, who may be posted, and what counts as load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Measure = Literal["load", "posts"]
"""What a capacity counts: weighted load, or targets."""

Sharing = Literal["each", "split"]
"""Everybody posted to a target bears all of its load, or an equal share of it."""

Living = Literal["anywhere", "elsewhere", "here"]
"""Whether people may, must not or must serve the target they live in."""

LedWithin = Literal["anyone", "organisation"]
"""Whose people a leader may lead."""

MAX_SHARERS = 20
"""Most people among whom the load of one target is split."""

HOUSEHOLDS = "households"


@dataclass(frozen=True, kw_only=True)
class Role:
    """One kind of post.

    Parameters
    ----------
    name, level : str
        The role, and the level of its targets.
    min_people, max_people : int, int or None
        People per target. None is no limit (`MAX_SHARERS` where load is split).
    min_posts, max_posts : int, int or None
        Targets per person.
    capacity : float
        A full job, in load or posts.
    measure : {"load", "posts"}
    sharing : {"each", "split"}
    max_ratio : float or None
        Nobody may bear more than this many times the capacity (or than all that is locked, where that is more);
        None is no limit.
    own_area : bool
        Only targets inside the areas of the person.
    same_organisation : bool
        Only targets of the person's organisation.
    tag : str or None
        Everybody in this role needs this tag.
    max_distance_m : float or None
        From home to target; where one of the two places is unknown it cannot be broken.
    living : {"anywhere", "elsewhere", "here"}
        "here" needs a known home.
    contiguous : bool
        The targets of a person hang together in the roster's neighbours.
    led_by : str or None
        Another role, whose people lead those of this one: whoever of it serves the target, or else the nearest area
        around it that somebody of it serves.
    led_within : {"anyone", "organisation"}
        "organisation": where somebody leads, only people of the organisation of one of the leaders may serve. Leaders
        are posted first, and what they were given is not changed for those whom they lead.
    weights : mapping of str to float
        Load per amount of work; work that is not named weighs nothing.
    """

    name: str
    level: str
    min_people: int = 1
    max_people: int | None = 1
    min_posts: int = 0
    max_posts: int | None = 1
    capacity: float = 1.0
    measure: Measure = "load"
    sharing: Sharing = "each"
    max_ratio: float | None = None
    own_area: bool = False
    same_organisation: bool = False
    tag: str | None = None
    max_distance_m: float | None = None
    living: Living = "anywhere"
    contiguous: bool = False
    led_by: str | None = None
    led_within: LedWithin = "anyone"
    weights: Mapping[str, float] = field(default_factory=lambda: {HOUSEHOLDS: 1.0})

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", MappingProxyType(dict(self.weights)))
