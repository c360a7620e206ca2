"""What each role may do in a project."""

from __future__ import annotations

ROLES = ("viewer", "planner", "reviewer", "admin")

PERMISSIONS: dict[str, frozenset[str]] = {
    "read": frozenset(ROLES),
    "write": frozenset({"planner", "admin"}),
    "review": frozenset({"reviewer", "admin"}),
    "manage": frozenset({"admin"}),
}
"""From permission to the roles that have it.

Three more say something about the asker and no project: `open` (anyone), `known` (any token), `server` (its admin).
"""


def allows(role: str | None, permission: str) -> bool:
    """Whether `role` has `permission`."""
    return role in PERMISSIONS[permission]
