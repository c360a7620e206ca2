"""What is remembered of who did what: no bodies, no addresses of machines."""

from __future__ import annotations

import time

from service.api.services import Services
from service.auth import Actor
from service.records import AuditEntry


def note(services: Services, actor: Actor, project: str | None, action: str, target: str, status: int = 200) -> None:
    """One entry."""
    entry = AuditEntry(at=time.time(), actor=actor.name, project=project, action=action, target=target, status=status)
    services.store.note(entry)
