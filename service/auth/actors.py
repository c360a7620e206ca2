"""Whoever sends a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A token's holder.

    Parameters
    ----------
    id : str
        Of the token; empty for whoever sits at the machine while there are no tokens.
    roles : mapping from project to role
    """

    id: str
    name: str
    server_admin: bool
    roles: Mapping[str, str] = field(default_factory=dict)

    def role(self, project: str) -> str | None:
        """None: the project is none of their business."""
        return "admin" if self.server_admin else self.roles.get(project)


LOCAL = Actor(id="", name="local", server_admin=True)
"""Everybody, while there are no tokens and only this machine can reach the service."""
