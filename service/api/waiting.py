"""Waiting for a job, as far as the client wants to."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Annotated

from fastapi import Header

from service.api.services import Services
from service.records import Job

Prefer = Annotated[str | None, Header(description="RFC 7240: respond-async, wait=SECONDS")]

LOOK_EVERY_S = 0.1


def wanted_wait(prefer: str | None, default: float, most: float) -> float:
    """Seconds that the client wants to wait."""
    found = re.search(r"(?:^|[,;\s])wait\s*=\s*([0-9]{1,6})", prefer or "")
    return min(float(found[1]) if found else default, most)


async def ended(services: Services, job: Job, wait_s: float) -> Job:
    """The job as it is when it is over, or when the time is."""
    until, pause = time.monotonic() + wait_s, 0.02
    while not job.over and time.monotonic() < until and not services.draining:
        await asyncio.sleep(min(pause, max(0.0, until - time.monotonic())))
        pause = min(LOOK_EVERY_S, pause * 1.5)
        job = await services.asked(services.store.job, job.project, job.id) or job
    return job
