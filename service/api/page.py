"""The map's page, as it was built."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, RedirectResponse

from service.errors import ServiceError

POLICY = (
    "default-src 'self'; img-src 'self' data: blob: https:; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
    "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
"""Nothing is loaded from elsewhere but pictures of a base map, where one is set."""


def add_page(app: FastAPI, folder: Path) -> None:
    """Serve the files in `folder`; without them the API alone."""
    root = folder.resolve()

    @app.get("/", include_in_schema=False)
    def start() -> Response:
        if not (root / "index.html").is_file():
            return RedirectResponse("/api/v1")
        return _sent(root / "index.html")

    @app.get("/assets/{path:path}", include_in_schema=False)
    def part(path: str) -> Response:
        return _found(root, f"assets/{path}")

    @app.get("/{name}", include_in_schema=False)
    def other(name: str) -> Response:
        return _found(root, name)


def _found(root: Path, path: str) -> FileResponse:
    if "\x00" in path or "\\" in path:
        raise ServiceError("not_found")
    found = (root / path).resolve()
    if not found.is_relative_to(root) or not found.is_file():
        raise ServiceError("not_found")
    return _sent(found)


def _sent(path: Path) -> FileResponse:
    # Names of built files carry a hash of what is in them; that of the page itself does not.
    cache = "public, max-age=31536000, immutable" if path.parent.name == "assets" else "no-cache"
    return FileResponse(path, headers={"Content-Security-Policy": POLICY, "Cache-Control": cache})
