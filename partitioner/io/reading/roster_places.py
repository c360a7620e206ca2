"""What the words of a roster mean in a plan: areas, targets and buildings."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
from scipy.spatial import cKDTree

from partitioner.io.reading.cells import plain_text
from partitioner.io.targets import HomePlace, PlanTargets
from partitioner.model import FloatArray

AREA_ORDER = ("community", "township", "special", "grid", "micro", "compound", "building", "stairwell")
"""A word that names areas of several levels means the first of these."""

NEAR_HOME_M = 50.0
"""Coordinates this near to a building are taken as living in it."""

MAX_HINTS, MAX_COMPARED = 200, 5_000
"""Comparing spellings takes long: only so many wrong words get a hint, each from so many right ones."""

SHORT_CODE = 3
"""A grid may be called by so many last digits or more of its code, with or without a G."""

_SUFFIXES = ("社区居委会", "村委会", "居委会", "社区", "小区", "村")
_NUMBER = re.compile(r"^[^0-9a-z]*([0-9]+|[a-z][0-9]*)[-#]?(?:号楼|号|栋|幢|座|楼)?")
_NAMED = frozenset({"community", "township", "compound"})
_NUMBER_ENDING = "楼栋幢座号#"


def key_of(text: str) -> str:
    """A word as it is compared: without width, case, blanks and dashes around it."""
    return "".join(plain_text(text).casefold().split())


class RosterPlaces:
    """Looks words up; made once per plan."""

    def __init__(self, targets: PlanTargets) -> None:
        self.targets = targets
        self.level_of = {target.id: target.level for target in targets.targets}
        self._words: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for target in targets.targets:
            self._name(target.level, target.id, (target.id, targets.title(target.id)))
        for township in sorted(targets.townships):
            self._name("township", township, (township,))
        for home in targets.homes.values():
            for level, area in home.areas.items():
                self._name(level, area, (area,))
        self._bare = self._bare_names()
        self._near: dict[tuple[str, tuple[str, ...]], str | None] = {}
        # A compound need not be a target for its name to stand in an address.
        self._compounds = sorted(
            {key_of(home.compound) for home in targets.homes.values() if home.compound},
            key=lambda one: (-len(one), one),
        )
        self._by_number = self._numbered()
        self._by_key = {key_of(name): name for name in targets.homes}
        self._shorts = self._short_codes()
        placed = [home for home in targets.homes.values() if home.x is not None]
        self._placed = [home.id for home in placed]
        self._tree = cKDTree(np.array([(home.x, home.y) for home in placed], dtype=float)) if placed else None

    def _name(self, level: str, name: str, words: Iterable[str]) -> None:
        for word in words:
            self._words[key_of(word)].add((level, name))

    def _bare_names(self) -> Mapping[str, set[tuple[str, str]]]:
        """Names of communities, townships and compounds without what kind of place they are."""
        found: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for word, named in self._words.items():
            found[_bare(word)] |= {(level, name) for level, name in named if level in _NAMED}
        return found

    def _numbered(self) -> Mapping[tuple[str, str], list[str]]:
        """From compound and number to buildings."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for home in self.targets.homes.values():
            number = key_of(home.title).rstrip(_NUMBER_ENDING)
            found[key_of(home.compound or ""), number].append(home.id)
        return found

    def _short_codes(self) -> dict[str, set[str]]:
        """Last digits of the codes of grids."""
        found: dict[str, set[str]] = defaultdict(set)
        for name, level in self.level_of.items():
            if level == "grid":
                for length in range(SHORT_CODE, len(name)):
                    found[name[-length:].casefold()].add(name)
        return found

    def areas(self, word: str, levels: Iterable[str] = AREA_ORDER) -> tuple[list[str], bool]:
        """Ids of what a word names (several: ambiguous), and whether it was only nearly so called."""
        wanted = [level for level in AREA_ORDER if level in set(levels)]
        key = key_of(word)
        for level in wanted:
            found = sorted(name for at, name in self._words.get(key, ()) if at == level)
            if found:
                return found, False
        if "grid" in wanted:
            short = sorted(self._shorts.get(key.removeprefix("g"), ()))
            if short:
                return short, False
        for level in wanted:
            found = sorted(name for at, name in self._bare.get(_bare(key), ()) if at == level)
            if found:
                return found, True
        return [], False

    def near(self, word: str, levels: Iterable[str] = AREA_ORDER) -> str | None:
        """A word that is spelt nearly alike."""
        asked = key_of(word), tuple(levels)
        if asked not in self._near and len(self._near) < MAX_HINTS:
            known = [key for key, named in self._words.items() if any(level in asked[1] for level, _ in named)]
            close = difflib.get_close_matches(asked[0], known[:MAX_COMPARED], n=1, cutoff=0.75)
            self._near[asked] = next(iter(close), None)
        return self._near.get(asked)

    def buildings(self, word: str, compound: str | None) -> list[str]:
        """Buildings of that id, or of that number in a compound, or called so with the compound in front."""
        key = key_of(word)
        if key in self._by_key:
            return [self._by_key[key]]
        number = key.rstrip(_NUMBER_ENDING)
        if compound is not None:
            within = self._by_number.get((key_of(compound), number))
            if within:
                return sorted(within)
        return self._in_text(key) or (sorted(self._by_number.get(("", number), [])) if compound is None else [])

    def in_address(self, address: str) -> list[str]:
        """Buildings that an address may mean, by the name of a compound and the number behind it."""
        return self._in_text(key_of(address))

    def _in_text(self, key: str) -> list[str]:
        for compound in self._compounds:
            if compound not in key:
                continue
            rest = key[key.index(compound) + len(compound) :].lstrip(" -—·,，")
            match = _NUMBER.match(rest)
            for number in (rest.rstrip(_NUMBER_ENDING), match[1] if match else ""):
                found = self._by_number.get((compound, number)) if number else None
                if found:
                    return sorted(found)
        return []

    def home(self, building: str) -> HomePlace:
        """The place of a building."""
        return self.targets.homes[building]

    def nearest_building(self, xy: FloatArray) -> str | None:
        """The building at a position, if it is near enough."""
        if self._tree is None:
            return None
        metres, at = self._tree.query(xy, distance_upper_bound=NEAR_HOME_M)
        return self._placed[int(at)] if np.isfinite(metres) else None


def _bare(key: str) -> str:
    """A name without what kind of place it is."""
    for suffix in _SUFFIXES:
        if key.endswith(suffix) and len(key) > len(suffix) + 1:
            return key.removesuffix(suffix)
    return key
