"""The application: storage, runner, routes and the page, put together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from partitioner import __version__
from service.api import problems
from service.api.contract import describe
from service.api.editing import Desk
from service.api.gate import Gate
from service.api.layers import LayerCache
from service.api.metrics import Metrics
from service.api.ogc.collections import Shelf
from service.api.page import add_page
from service.api.routes import ROUTERS
from service.api.services import Services
from service.base_map import BaseMap
from service.jobs.runner import Runner
from service.settings import Settings
from service.storage import BlobStore, open_store
from service.storage.folder import Folder

DRAIN_S = 25.0
"""How long a server that was asked to stop waits for jobs; what is not done by then is run again by the next one."""


def create_app(settings: Settings, *, drain_s: float = DRAIN_S, spare: bool = True) -> FastAPI:
    """The service.

    Parameters
    ----------
    drain_s : float
    spare : bool
        Whether a process that has loaded the library waits for the next job.

    Raises
    ------
    InputError
        Another server works on the same folder.
    """
    folder = Folder(settings.data)
    store = open_store(settings.database_url)
    blobs = BlobStore(settings.blobs)
    layers = LayerCache(blobs)
    services = Services(
        settings=settings,
        store=store,
        blobs=blobs,
        runner=Runner(store, blobs, settings, spare=spare),
        desk=Desk(layers),
        layers=layers,
        shelf=Shelf(),
        metrics=Metrics(),
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(services.runner.start)
        try:
            yield
        finally:
            services.draining = True
            await run_in_threadpool(services.runner.close, drain_s)
            store.close()
            folder.close()

    # FastAPI's own documentation pages load scripts from elsewhere.
    app = FastAPI(
        title="wangge", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan
    )
    app.state.services = services
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router)
    describe(app, ROUTERS)
    base_map = BaseMap(template=settings.base_map) if settings.base_map else None
    add_page(app, Path(__file__).parent / "ui" / "dist", base_map)
    app.add_middleware(Gate, services=services)
    return app


def contract() -> dict[str, Any]:
    """The OpenAPI document, without a server."""
    app = FastAPI(title="wangge", version=__version__)
    for router in ROUTERS:
        app.include_router(router)
    describe(app, ROUTERS)
    return app.openapi()
