"""Questions about an assignment that was made before: nothing is posted anew."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from partitioner.io.reading.roster import read_roster
from partitioner.io.targets import PlanTargets
from partitioner.posting.job import Answer, answers_about
from partitioner.posting.wishes import Wishes, make_roster
from partitioner.profiles import Profile
from partitioner.staffing import Pair, Situation


def who_could_instead(
    targets: PlanTargets,
    profile: Profile,
    rosters: Sequence[str | os.PathLike[str]],
    posted: Sequence[Pair],
    word: str,
    *,
    locks: Sequence[Pair] = (),
    crs: Mapping[str, str] | str | None = None,
    columns: Mapping[str, str] | None = None,
) -> list[Answer]:
    """Who could take a target if everything else stays as `posted` says; changes are counted from there.

    Raises
    ------
    InputError
        The rosters have faults, or the word names no target that somebody on them serves, or several.
    """
    read = read_roster(rosters, targets, profile.staffing, crs=crs, columns=columns)
    roster, _ = make_roster(read, targets, profile.staffing, Wishes(previous=tuple(posted), locks=tuple(locks)))
    situations = {role.name: Situation(roster, role, posted) for role in roster.roles}
    return answers_about(targets, roster, situations, word)
