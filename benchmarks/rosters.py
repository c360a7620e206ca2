"""Generated rosters after published figures, seeded: who and what is invented, how many is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from partitioner.staffing import Person, Role, Roster, Target

WEIGHTS = {"households": 1.0, "elderly": 0.5, "special_care": 3.0, "no_lift": 0.2, "events": 0.1}
COMMUNITY_M = 900.0


def guan(seed: int = 0) -> Roster:
    """Gu'an: 32 communities, 246 grids, 245 full-time and 925 part-time workers, and contact in three tiers."""
    rng = np.random.default_rng(seed)
    sizes = _shares(rng, 246, 32)
    town = _Town(rng, sizes)
    buildings = town.inside("building", 1_100)
    roles = (
        Role(
            name="full-time",
            level="grid",
            min_posts=1,
            max_posts=2,
            capacity=450.0,
            own_area=True,
            contiguous=True,
            weights=WEIGHTS,
        ),
        Role(
            name="part-time",
            level="grid",
            max_people=20,
            min_posts=1,
            capacity=120.0,
            sharing="split",
            own_area=True,
            weights=WEIGHTS,
        ),
        Role(name="leader", level="community", capacity=3_500.0, living="elsewhere", weights=WEIGHTS),
        Role(
            name="official",
            level="grid",
            min_posts=1,
            max_posts=3,
            capacity=2.0,
            measure="posts",
            same_organisation=True,
        ),
        Role(
            name="party member",
            level="building",
            max_people=20,
            min_posts=1,
            capacity=30.0,
            sharing="split",
            own_area=True,
        ),
    )
    missing_one = [num - (k == 5) for k, num in enumerate(sizes)]
    people = (
        *town.people("full-time", missing_one, previous="grid"),
        *town.people("part-time", _shares(rng, 925, 32, like=sizes)),
        *town.people("leader", _shares(rng, 34, 32)),
        *town.people("official", _shares(rng, 150, 32, like=sizes), previous="grid"),
        *town.people("party member", _shares(rng, 3_000, 32, like=sizes)),
    )
    return Roster(
        people=people, targets=(*town.communities, *town.grids, *buildings), roles=roles, neighbours=town.neighbours
    )


def gucheng(seed: int = 0) -> Roster:
    """Gucheng: 13 communities, 111 grids, 111 cadres anywhere but at home, 111 workers in their communities."""
    rng = np.random.default_rng(seed)
    sizes = _shares(rng, 111, 13)
    town = _Town(rng, sizes)
    roles = (
        Role(name="cadre", level="grid", min_posts=1, capacity=450.0, living="elsewhere", weights=WEIGHTS),
        Role(name="worker", level="grid", min_posts=1, capacity=450.0, own_area=True, weights=WEIGHTS),
    )
    people = (
        *town.people("cadre", sizes, previous="grid", capacities=(400.0, 450.0, 500.0)),
        *town.people("worker", sizes),
    )
    return Roster(people=people, targets=(*town.communities, *town.grids), roles=roles, neighbours=town.neighbours)


def keepers(kind: str, seed: int = 0, *, num_communities: int = 100, posts: int = 200) -> Roster:
    """Micro-grids of a city, 20,000 in all, and their keepers.

    `single`: a post each, in the community; `wide`: a post each, within 300 m of home wherever lines run;
    `several`: three keepers for every five posts, each of up to three.
    """
    rng = np.random.default_rng(seed)
    town = _Town(rng, [1] * num_communities)
    targets = town.inside("micro", num_communities * posts, even=True, households=(10, 16))
    several = kind == "several"
    role = Role(
        name="keeper",
        level="micro",
        min_posts=int(several),
        max_posts=3 if several else 1,
        capacity=24.0 if several else 15.0,
        own_area=kind != "wide",
        max_distance_m=300.0 if kind == "wide" else None,
        weights=WEIGHTS,
    )
    num = posts * 3 // 5 if several else posts * 23 // 20
    people = town.people("keeper", [num] * num_communities, previous="micro")
    return Roster(people=people, targets=targets, roles=(role,), neighbours=())


def _shares(rng: np.random.Generator, total: int, num: int, like: Sequence[int] | None = None) -> list[int]:
    """`total` in `num` whole parts of at least 1, about even or like others."""
    weight = np.asarray(like, dtype=float) if like is not None else rng.uniform(0.8, 1.2, num)
    ends = np.round(np.cumsum(weight) / weight.sum() * (total - num)).astype(int)
    return (np.diff(ends, prepend=0) + 1).tolist()


class _Town:
    """Communities on a lattice, each with its grids on a smaller one."""

    def __init__(self, rng: np.random.Generator, sizes: Sequence[int]) -> None:
        self.rng, self.sizes = rng, sizes
        side = int(np.ceil(np.sqrt(len(sizes))))
        self.corner = [(k % side * COMMUNITY_M, k // side * COMMUNITY_M) for k in range(len(sizes))]
        self.grids: list[Target] = []
        links: list[tuple[str, str]] = []
        self.of: dict[str, list[list[str]]] = {"grid": [], "micro": []}
        for k, num in enumerate(sizes):
            width = int(np.ceil(np.sqrt(num)))
            names = [f"C{k:03d}-G{g:03d}" for g in range(num)]
            self.of["grid"].append(names)
            for g, name in enumerate(names):
                x, y = (np.array([g % width, g // width]) + 0.5) * COMMUNITY_M / width + self.corner[k]
                self.grids.append(
                    self._target(name, "grid", f"C{k:03d}", float(x), float(y), int(rng.integers(300, 501)))
                )
                links += [(name, names[g + 1])] if g % width + 1 < width and g + 1 < num else []
                links += [(name, names[g + width])] if g + width < num else []
        self.neighbours = tuple(links)
        self.communities = [self._community(k) for k in range(len(sizes))]

    def _target(self, name: str, level: str, parent: str | None, x: float, y: float, households: int) -> Target:
        rng = self.rng
        work = {
            "households": households,
            "elderly": int(rng.binomial(households, 0.2)),
            "special_care": int(rng.binomial(households, 0.02)),
            "no_lift": int(rng.choice([0, households])),
            "events": int(rng.poisson(households * 0.1)),
        }
        return Target(
            id=name,
            level=level,
            parent=parent,
            x=x,
            y=y,
            work=work,
            organisation=f"T{int(parent[1:]) // 8}" if parent else None,
        )

    def _community(self, k: int) -> Target:
        inside = [one for one in self.grids if one.parent == f"C{k:03d}"]
        work = {kind: sum(one.work[kind] for one in inside) for kind in inside[0].work}
        x, y = np.array(self.corner[k]) + COMMUNITY_M / 2
        return Target(id=f"C{k:03d}", level="community", x=float(x), y=float(y), work=work)

    def inside(
        self, level: str, num: int, *, even: bool = False, households: tuple[int, int] = (20, 120)
    ) -> tuple[Target, ...]:
        """Smaller targets spread over the communities."""
        rng, found = self.rng, []
        counts = (
            [num // len(self.sizes)] * len(self.sizes) if even else _shares(rng, num, len(self.sizes), like=self.sizes)
        )
        names_of = self.of.setdefault(level, [])
        for k, count in enumerate(counts):
            places = rng.uniform(0, COMMUNITY_M, (count, 2)) + self.corner[k]
            names_of.append([f"C{k:03d}-{level[0]}{j:03d}" for j in range(count)])
            found += [
                self._target(name, level, f"C{k:03d}", *place, int(rng.integers(*households)))
                for name, place in zip(names_of[k], places.tolist(), strict=True)
            ]
        return tuple(found)

    def people(
        self,
        role: str,
        counts: Sequence[int],
        previous: str | None = None,
        capacities: Sequence[float | None] = (None,),
    ) -> list[Person]:
        """So many people per community, each living in it; four in five of them serve something already."""
        rng, found = self.rng, []
        for k, num in enumerate(counts):
            taken = rng.permutation(self.of[previous][k]).tolist() if previous else []
            for n in range(num):
                x, y = (rng.uniform(0, COMMUNITY_M, 2) + self.corner[k]).tolist()
                served = (taken[n],) if n < len(taken) and rng.random() < 0.8 else ()
                home = str(rng.choice(self.of["grid"][k]))
                found.append(
                    Person(
                        number=f"{role}-{k:03d}-{n:03d}",
                        role=role,
                        organisation=f"T{k // 8}",
                        areas=(f"C{k:03d}",),
                        home=home,
                        x=x,
                        y=y,
                        capacity=capacities[int(rng.integers(len(capacities)))],
                        previous=served,
                    )
                )
        return found
