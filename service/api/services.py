"""What the routes work with."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from fastapi import Request

from service.api.editing import Desk
from service.api.layers import LayerCache
from service.api.metrics import Metrics
from service.api.ogc.collections import Shelf
from service.jobs.runner import Runner
from service.settings import Settings
from service.storage import BlobStore, Store


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
    started: float = field(default_factory=time.time)
    tokens_exist: bool = False

    def wants_tokens(self) -> bool:
        """Whether requests need one; a server that has seen a token never goes back."""
        if not self.tokens_exist:
            self.tokens_exist = self.settings.require_tokens or self.store.has_tokens()
        return self.tokens_exist


def services_of(request: Request) -> Services:
    """Of the application that got `request`."""
    found: Services = request.app.state.services
    return found
