"""Shows one planned folder in a browser on the same machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.responses import FileResponse, HTMLResponse

from partitioner import __version__
from partitioner.errors import InputError
from service.folder.page import failure, page
from service.folder.planned import known_files, read_planned

LOOPBACK = ("127.0.0.1", "localhost")
"""Names under which the service answers: with another one a foreign page could read a plan through the browser."""

POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


def create_app(folder: str | Path) -> FastAPI:
    """The service for the plan in `folder`, which is read again with every request.

    Raises
    ------
    InputError
        No folder, no plan in it, or a file that is not what its name says.
    """
    root = Path(folder)
    read_planned(root)
    # FastAPI's own documentation pages load scripts from elsewhere.
    app = FastAPI(title="wangge", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(LOOPBACK))

    @app.exception_handler(InputError)
    def plan_is_gone(_request: Request, error: InputError) -> Response:
        return HTMLResponse(failure(error.text()), status_code=503)

    @app.get("/")
    def overview() -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        return HTMLResponse(page(read_planned(root)), headers=headers)

    @app.get("/files/{name}")
    def file(name: str) -> Response:
        if name not in known_files() or not (root / name).is_file():
            raise HTTPException(404, f"没有这个文件 / no such file: {name}")
        return FileResponse(root / name, headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"})

    @app.get("/api/v1/plan")
    def plan() -> dict[str, Any]:
        return read_planned(root).plan

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    return app
