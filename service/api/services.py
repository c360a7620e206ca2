"""What the routes work with."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from service.api.editing import Desk
from service.api.layers import LayerCache
from service.api.metrics import Metrics
from service.api.ogc.collections import Shelf
from service.api.ready import Ready
from service.jobs.runner import Runner
from service.settings import Settings
from service.storage import BlobStore, Store

R = TypeVar("R")


@dataclass(kw_only=True)
class Services:
    """One server's parts. `draining` is set when it was asked to stop."""

    settings: Settings
    store: Store
    blobs: BlobStore
    runner: Runner
    desk: Desk
    layers: LayerCache
    shelf: Shelf
    metrics: Metrics
    draining: bool = False
    ready: Ready = field(default_factory=Ready)
    started: float = field(default_factory=time.time)
    tokens_exist: bool = False

    def wants_tokens(self) -> bool:
        """Whether requests need one; a server that has seen a token never goes back."""
        if not self.tokens_exist:
            self.tokens_exist = self.settings.require_tokens or self.store.has_tokens()
        return self.tokens_exist

    async def asked(self, ask: Callable[..., R], *about: object) -> R:
        """What `ask`, which only reads a few rows, finds: on the spot, or in a thread where that may take a while.

        A hop to a thread and back costs more than such a read, and under load it waits for its turn twice.
        """
        if self.store.immediate:
            return ask(*about)
        return await run_in_threadpool(ask, *about)


def services_of(request: Request) -> Services:
    """Of the application that got `request`."""
    found: Services = request.app.state.services
    return found
