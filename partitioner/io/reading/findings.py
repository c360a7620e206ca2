"""Everything that was found while reading: faults that stop, notices that do not."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Mapping

from partitioner.errors import Fault, InputError, Place, Text
from partitioner.io.reading.catalogue import CATALOGUE, Entry

MAX_KEPT_FAULTS = 100_000
"""More are counted, not kept: a file with so many is not mended row by row."""


class Findings:
    """Collects faults and notices of all files, so that they are told together.

    Every code stands in `CATALOGUE` or in `more`; `details` fill the gaps of its sentences.
    """

    def __init__(self, more: Mapping[str, Entry] | None = None) -> None:
        self._catalogue = ChainMap(CATALOGUE, dict(more or {}))
        self.faults: list[Fault] = []
        self.notices: list[Fault] = []
        self._rows: set[tuple[str | None, str | None, int | None]] = set()
        self._not_kept: Counter[str] = Counter()

    def fault(self, rule: str, place: Place = Place(), value: object = None, **details: object) -> None:  # noqa: B008
        """Something that must be mended before a county can be made."""
        if len(self.faults) < MAX_KEPT_FAULTS:
            self.faults.append(self._finding(rule, place, value, details))
        else:
            self._not_kept[rule] += 1
        self._rows.add((place.file, place.layer, place.row))

    def named(self, place: Place) -> bool:
        """Whether the row of `place` already has a fault, so that what follows from it need not be told."""
        return (place.file, place.layer, place.row) in self._rows

    def notice(self, rule: str, place: Place = Place(), value: object = None, **details: object) -> None:  # noqa: B008
        """Something that was mended or is worth knowing."""
        self.notices.append(self._finding(rule, place, value, details))

    def stop(self) -> None:
        """Raise everything that was found wrong, if anything was.

        Raises
        ------
        InputError
            With all faults of all files; beyond `MAX_KEPT_FAULTS` with their number, which comes first.
        """
        if self._not_kept:
            more = self._not_kept.total()
            rules = ", ".join(f"{rule} {num}" for rule, num in self._not_kept.most_common())
            summary = self._finding("faults_too_many", Place(), None, {"more": more, "rules": rules})
            raise InputError([summary, *self.faults], num_faults=len(self.faults) + more)
        if self.faults:
            raise InputError(self.faults)

    def _finding(self, rule: str, place: Place, value: object, details: dict[str, object]) -> Fault:
        entry = self._catalogue[rule]
        return Fault(
            rule=rule,
            message=Text(entry.zh.format_map(details), entry.en.format_map(details)),
            remedy=Text(entry.remedy_zh.format_map(details), entry.remedy_en.format_map(details)),
            place=place,
            value=None if value is None else str(value),
        )
