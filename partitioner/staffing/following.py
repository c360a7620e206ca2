"""Staff after a redraw: everybody goes on where their areas went, and as few as possible change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from partitioner.solver.limits import Cancel, Limits
from partitioner.staffing.changing import settled, with_targets
from partitioner.staffing.engine import assign
from partitioner.staffing.goal import LEAST_CHANGE
from partitioner.staffing.result import Staffing
from partitioner.staffing.roster import Pair, Roster
from partitioner.staffing.targets import Target


@dataclass(frozen=True, kw_only=True)
class Followed:
    """Who serves where after a redraw.

    Parameters
    ----------
    roster : Roster
        With the targets of today and what everybody served so far, as it goes on today.
    kept, ended, begun : tuple of Pair
        Posts held before and now; before only (by today's ids; of an area that is gone by its old one); now only.
    """

    roster: Roster
    staffing: Staffing
    kept: tuple[Pair, ...]
    ended: tuple[Pair, ...]
    begun: tuple[Pair, ...]


def follow_staff(
    roster: Roster,
    posted: Iterable[Pair],
    *,
    targets: tuple[Target, ...],
    neighbours: tuple[tuple[str, str], ...],
    heirs: Mapping[str, str],
    limits: Limits | None = None,
    cancel: Cancel | None = None,
) -> Followed:
    """Post the people of `roster` to the targets of today with the fewest changes.

    Parameters
    ----------
    roster : Roster
        Of before.
    posted : iterable of Pair
        Who served where.
    targets, neighbours : tuples
        Those of today; all of them, also those that did not change.
    heirs : mapping of str to str
        From ids of targets that are gone to the one that took over most of them (`redraw.Lineage.heirs`). Areas that
        were carried on kept their ids.

    Raises
    ------
    InputError
        The roster contradicts itself with these targets.
    """
    before = sorted(set(posted))
    moved = with_targets(settled(roster, before), targets, neighbours, dict(heirs))
    staffing = assign(moved, order=LEAST_CHANGE, limits=limits, cancel=cancel)
    was, now = {(number, heirs.get(name, name)) for number, name in before}, set(staffing.posted)
    return Followed(
        roster=moved,
        staffing=staffing,
        kept=tuple(sorted(was & now)),
        ended=tuple(sorted(was - now)),
        begun=tuple(sorted(now - was)),
    )
