"""Who serves elsewhere in another plan, where both have been staffed."""

from __future__ import annotations

from pathlib import Path

from partitioner.io.staffing_json import read_staffing
from partitioner.io.writing.redraw import StaffChange

STAFFING = "staffing.json"


def staff_changes(before: Path, after: Path) -> tuple[StaffChange, ...]:
    """Everybody whose posts differ, by number; nobody where a folder has no staffing.

    Raises
    ------
    InputError
        A staffing file cannot be read.
    """
    files = [folder / STAFFING for folder in (before, after)]
    if not all(file.is_file() for file in files):
        return ()
    posts: list[dict[str, set[str]]] = []
    for file in files:
        of: dict[str, set[str]] = {}
        for person, target in read_staffing(file).posted:
            of.setdefault(person, set()).add(target)
        posts.append(of)
    found = []
    for person in sorted(posts[0].keys() | posts[1].keys()):
        was, now = posts[0].get(person, set()), posts[1].get(person, set())
        if was != now:
            found.append(
                StaffChange(
                    person=person,
                    left=tuple(sorted(was - now)),
                    joined=tuple(sorted(now - was)),
                    kept=tuple(sorted(was & now)),
                )
            )
    return tuple(found)
