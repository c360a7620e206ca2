"""Why this person is here, what alternatives cost, why a post is empty, and the least that would fill it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import numpy as np

from partitioner.staffing.engine import fewest_unfilled
from partitioner.staffing.judging import metres_between, why_not
from partitioner.staffing.loads import LOAD_UNIT, LoadTerm, load_of, load_terms
from partitioner.staffing.people import Person
from partitioner.staffing.roster import Pair, Roster
from partitioner.staffing.situation import Situation
from partitioner.staffing.targets import Target
from partitioner.staffing.what_if import Choice, who_could_take

MAX_TRIED = 3
"""How many relaxations of one kind are tried, the smallest first."""

RelaxationKind = Literal["one_more_post", "more_load", "further", "eligible", "one_more_person"]


@dataclass(frozen=True, kw_only=True)
class PairExplanation:
    """Why a person serves a target.

    Parameters
    ----------
    terms : tuple of LoadTerm
        What makes up the load of the target.
    load, fair_share : float
        Of the person, all targets together.
    metres : float or None
    locked, kept : bool
        The pair is locked; it was there before.
    alternatives : tuple of Choice
        Who else could take it, and what that would cost; best first. Empty for locked pairs.
    """

    person: str
    target: str
    terms: tuple[LoadTerm, ...]
    load: float
    capacity: float
    fair_share: float
    metres: float | None
    locked: bool
    kept: bool
    alternatives: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """The least of its kind that was found to fill one more post; every one has been tried.

    `amount`: posts, load, metres or people. `rule`: which rule somebody would have to be exempt from.
    """

    kind: RelaxationKind
    amount: float
    person: str | None = None
    rule: str | None = None


@dataclass(frozen=True, kw_only=True)
class EmptyPost:
    """A target that lacks people.

    Parameters
    ----------
    missing : int
    targets, people : tuples of str
        Why: these targets, of which this is one, can be served by these people alone.
    wanted, room : int
        They need so many posts, and can fill so many. Where room is not the reason, loads or areas are.
    """

    target: str
    missing: int
    targets: tuple[str, ...]
    people: tuple[str, ...]
    wanted: int
    room: int
    relaxations: tuple[Relaxation, ...]


def explain_pair(situation: Situation, pair: Pair) -> PairExplanation:
    """Why `pair` is posted.

    Raises
    ------
    KeyError
        Nobody of that number, no such target in the role, or the pair is not posted.
    """
    roster, role = situation.roster, situation.role
    person, target = roster.person[pair[0]], roster.target[pair[1]]
    k, t = situation.piece_of[target.id]
    piece, chosen = situation.pieces[k], situation.chosen[k]
    serving = {situation.names(piece, q)[0] for q in np.flatnonzero(chosen & (piece.pair_target == t)).tolist()}
    if person.number not in serving:
        raise KeyError(f"{person.number} does not serve {target.id}")
    load, share = situation.load_and_share(person.number)
    locked = pair in roster.must
    return PairExplanation(
        person=person.number,
        target=target.id,
        terms=load_terms(role, target),
        load=load,
        capacity=roster.capacity(person),
        fair_share=share,
        metres=metres_between(person, target),
        locked=locked,
        kept=target.id in person.previous,
        alternatives=() if locked else who_could_take(situation, target.id, leaving=person.number),
    )


def empty_posts(situation: Situation) -> tuple[EmptyPost, ...]:
    """Every target that lacks people, why, and what would fill one more post.

    The assignment should be one that leaves as few posts open as possible, such as the engine's.
    """
    return tuple(
        _empty_post(situation, target.id, missing, *_reach(situation, target.id))
        for target, missing in _short(situation)
        if missing > 0
    )


def bottlenecks(situation: Situation, *, most: int) -> tuple[EmptyPost, ...]:
    """The first `most` reasons why posts stay open.

    Targets that lack people because the same people are too few are told as one: the first of them by name, what all
    of them miss, and what all of them want.
    """
    groups: dict[tuple[int, frozenset[int]], list[tuple[str, int, set[int]]]] = {}
    for target, missing in _short(situation):
        if missing > 0:
            k = situation.piece_of[target.id][0]
            people, targets = _reach(situation, target.id)
            groups.setdefault((k, frozenset(people)), []).append((target.id, missing, targets))
    return tuple(
        _empty_post(
            situation, group[0][0], sum(one[1] for one in group), set(people), set().union(*(g[2] for g in group))
        )
        for (_, people), group in list(groups.items())[:most]
    )


def _short(situation: Situation) -> Iterator[tuple[Target, int]]:
    for target in situation.pairs.targets:
        k, t = situation.piece_of[target.id]
        piece = situation.pieces[k]
        held = int(np.count_nonzero(situation.chosen[k] & (piece.pair_target == t)))
        yield target, int(piece.min_people[t]) - held


def _reach(situation: Situation, name: str) -> tuple[set[int], set[int]]:
    """Positions of the people who could fill a target if their posts were passed on, and of the targets of these."""
    k, start = situation.piece_of[name]
    piece, chosen = situation.pieces[k], situation.chosen[k]
    people: set[int] = set()
    targets = {start}
    border = [start]
    while border:
        may = set(piece.pair_person[(piece.pair_target == border.pop()) & ~chosen].tolist()) - people
        people |= may
        held = chosen & np.isin(piece.pair_person, sorted(may)) & ~piece.must
        new = set(piece.pair_target[held].tolist()) - targets
        targets |= new
        border += sorted(new)
    people |= set(piece.pair_person[chosen & np.isin(piece.pair_target, sorted(targets))].tolist())
    return people, targets


def _empty_post(situation: Situation, name: str, missing: int, people: set[int], targets: set[int]) -> EmptyPost:
    piece = situation.pieces[situation.piece_of[name][0]]
    everybody, everything = situation.pairs.people, situation.pairs.targets
    inside = sorted(everybody[i].number for i in piece.people_at[sorted(people)].tolist())
    return EmptyPost(
        target=name,
        missing=missing,
        targets=tuple(sorted(everything[j].id for j in piece.targets_at[sorted(targets)].tolist())),
        people=tuple(inside),
        wanted=int(piece.min_people[sorted(targets)].sum()),
        room=int(piece.max_posts[sorted(people)].sum()) if people else 0,
        relaxations=tuple(_relaxations(situation, name, inside)),
    )


def _relaxations(situation: Situation, name: str, inside: list[str]) -> Iterator[Relaxation]:
    """One of each kind, the least that works."""
    role = situation.role
    for kind in (_more_posts, _more_load, _further, _eligible, _more_people):
        for relaxation, relaxed in islice(kind(situation, name, inside), MAX_TRIED):
            pieces = {situation.piece_of[name][0]}
            if relaxation.person is not None:
                pieces.add(situation.place_of[relaxation.person][0])
            before, after = (_part(situation, one, pieces) for one in (situation.roster, relaxed))
            if fewest_unfilled(after, after.role[role.name])[0] < fewest_unfilled(before, role)[0]:
                yield relaxation
                break


def _part(situation: Situation, roster: Roster, pieces: set[int]) -> Roster:
    """Only the people and targets of some pieces, and people who are new: what fills a post there fills one at all."""
    people, targets = situation.pairs.people, situation.pairs.targets
    mine = {people[i].number for k in pieces for i in situation.pieces[k].people_at.tolist()}
    mine |= {one.number for one in roster.people if one.number not in situation.roster.person}
    there = {targets[j].id for k in pieces for j in situation.pieces[k].targets_at.tolist()}
    kept = tuple(one for one in roster.targets if one.level != situation.role.level or one.id in there)
    known = {one.id for one in kept}
    return replace(
        roster,
        people=tuple(one for one in roster.people if one.number in mine),
        targets=kept,
        neighbours=tuple(pair for pair in roster.neighbours if pair[0] in known and pair[1] in known),
        must=tuple(pair for pair in roster.must if pair[0] in mine and pair[1] in known),
        must_not=tuple(pair for pair in roster.must_not if pair[0] in mine and pair[1] in known),
    )


def _with_person(roster: Roster, person: Person) -> Roster:
    return replace(roster, people=tuple(person if one.number == person.number else one for one in roster.people))


def _more_posts(situation: Situation, _name: str, inside: list[str]) -> Iterator[tuple[Relaxation, Roster]]:
    roster = situation.roster
    for number in inside:
        most = roster.posts_range(roster.person[number])[1]
        if most is not None:
            relaxed = _with_person(roster, replace(roster.person[number], max_posts=most + 1))
            yield Relaxation(kind="one_more_post", amount=1, person=number), relaxed


def _more_load(situation: Situation, name: str, inside: list[str]) -> Iterator[tuple[Relaxation, Roster]]:
    roster, role = situation.roster, situation.role
    if role.max_ratio is None or not inside:
        return
    load = load_of(role, roster.target[name]) / LOAD_UNIT
    spare = {n: role.max_ratio * roster.capacity(roster.person[n]) - situation.load_and_share(n)[0] for n in inside}
    for number in sorted(inside, key=lambda n: (-spare[n], n)):
        lacking = load - spare[number]
        if lacking > 0:
            capacity = roster.capacity(roster.person[number]) + (lacking + 1 / LOAD_UNIT) / max(role.max_ratio, 1e-9)
            relaxed = _with_person(roster, replace(roster.person[number], capacity=min(capacity, 1e7)))
            yield Relaxation(kind="more_load", amount=round(lacking, 2), person=number), relaxed


def _further(situation: Situation, name: str, _inside: list[str]) -> Iterator[tuple[Relaxation, Roster]]:
    roster, role = situation.roster, situation.role
    if role.max_distance_m is None:
        return
    ways = [
        (metres, person.number)
        for person in situation.pairs.people
        if (metres := metres_between(person, roster.target[name])) is not None and metres > role.max_distance_m
    ]
    for metres, number in sorted(ways):
        wider = replace(role, max_distance_m=metres)
        relaxed = replace(roster, roles=tuple(wider if one.name == role.name else one for one in roster.roles))
        if why_not(relaxed, wider, roster.person[number], roster.target[name]) is None:
            yield Relaxation(kind="further", amount=round(metres - role.max_distance_m, 1), person=number), relaxed


def _eligible(situation: Situation, name: str, _inside: list[str]) -> Iterator[tuple[Relaxation, Roster]]:
    roster, role, target = situation.roster, situation.role, situation.roster.target[name]
    found = []
    for person in situation.pairs.people:
        rule = why_not(roster, role, person, target)
        most = roster.posts_range(person)[1]
        locked = sum(number == person.number for number, _ in set(roster.must))
        idle = situation.num_posts(person.number) == 0
        if rule not in (None, "distance", "must_not", "avoid") and (most is None or most > locked):
            found.append((not idle, metres_between(person, target) or 0.0, person.number, rule))
    for _, _, number, rule in sorted(found):
        relaxed = replace(roster, must=(*roster.must, (number, name)))
        yield Relaxation(kind="eligible", amount=1, person=number, rule=rule), relaxed


def _more_people(situation: Situation, name: str, _inside: list[str]) -> Iterator[tuple[Relaxation, Roster]]:
    roster, role, target = situation.roster, situation.role, situation.roster.target[name]
    number = "+1"
    while number in roster.person:
        number += "+"
    leaders = roster.leaders(role, name) if role.led_within == "organisation" else ()
    new = Person(
        number=number,
        role=role.name,
        organisation=leaders[0].organisation if leaders else target.organisation,
        areas=(target.id,),
        home=target.id if role.living == "here" else None,
        tags=tuple(dict.fromkeys((*target.wants, *(() if role.tag is None else (role.tag,))))),
        min_posts=0,
    )
    yield Relaxation(kind="one_more_person", amount=1), replace(roster, people=(*roster.people, new))
