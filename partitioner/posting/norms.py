"""Every community of a plan against the staffing norms of a profile."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping

from partitioner.io.targets import PlanTargets
from partitioner.io.writing.staffed import NormRow
from partitioner.profiles import Norms, Profile
from partitioner.staffing import Roster, Staffing, Target
from partitioner.staffing.norms import required_workers


def norm_rows(targets: PlanTargets, profile: Profile, roster: Roster, found: Staffing) -> Iterator[NormRow]:
    """Every community against the norms; none where no role on the roster counts for any."""
    counted = {role.name: role.counted_by for role in profile.staffing.roles if role.name in roster.role}
    if not any(counted.values()):
        return
    workers: Counter[str] = Counter()
    full_time: Counter[str] = Counter()
    for result in found.roles:
        # Somebody with grids in two communities counts where the first of them lies.
        first = dict(reversed(result.posted))
        for name in first.values():
            community = next((area for area in roster.around[name] if _is_community(roster, area)), None)
            if community is not None and "community_workers" in counted.get(result.role, ()):
                workers[community] += 1
            if community is not None and "full_time_workers" in counted.get(result.role, ()):
                full_time[community] += 1
    grids = Counter(target.parent for target in targets.targets if target.level == "grid")
    for target in targets.targets:
        if target.level == "community":
            yield _norm_row(target, targets, profile.norms, workers, grids, full_time)


def _is_community(roster: Roster, area: str) -> bool:
    return area in roster.target and roster.target[area].level == "community"


def _norm_row(
    target: Target,
    targets: PlanTargets,
    norms: Norms,
    workers: Mapping[str, int],
    grids: Mapping[str | None, int],
    full_time: Mapping[str, int],
) -> NormRow:
    counted = targets.residents.get(target.id)
    residents = target.work["households"] * (norms.residents_per_household or 0.0) if counted is None else counted
    per_10000, per_grid = norms.community_workers_per_10000_residents, norms.full_time_workers_per_grid
    return NormRow(
        community=target.id,
        residents=residents,
        estimated=counted is None,
        workers=workers.get(target.id, 0),
        required=None if per_10000 is None or not residents else required_workers(residents, per_10000),
        grids=grids.get(target.id, 0),
        full_time=full_time.get(target.id, 0),
        required_full_time=None if per_grid is None else math.ceil(per_grid * grids.get(target.id, 0)),
    )
