"""The map's page, as it was built."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI, Response
from fastapi.responses import FileResponse, RedirectResponse

from service.base_map import BaseMap
from service.errors import ServiceError


def policy(base_map: BaseMap | None) -> str:
    """What the page may load: nothing from elsewhere but the tiles of a base map, where one is set."""
    pictures = " ".join(("'self'", "data:", "blob:", *(base_map.sources if base_map else ())))
    return (
        f"default-src 'self'; img-src {pictures}; style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; "
        "object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )


def add_page(app: FastAPI, folder: Path, base_map: BaseMap | None) -> None:
    """Serve the files in `folder`; without them the API alone."""
    root, rules = folder.resolve(), policy(base_map)

    @app.get("/", include_in_schema=False)
    def start() -> Response:
        if not (root / "index.html").is_file():
            return RedirectResponse("/api/v1")
        return _sent(root / "index.html", rules)

    @app.get("/assets/{path:path}", include_in_schema=False)
    def part(path: str) -> Response:
        return _sent(_found(root, f"assets/{path}"), rules)

    @app.get("/{name}", include_in_schema=False)
    def other(name: str) -> Response:
        return _sent(_found(root, name), rules)


def _found(root: Path, path: str) -> Path:
    if "\x00" in path or "\\" in path:
        raise ServiceError("not_found")
    found = (root / path).resolve()
    if not found.is_relative_to(root) or not found.is_file():
        raise ServiceError("not_found")
    return found


def _sent(path: Path, rules: str) -> FileResponse:
    # Names of built files carry a hash of what is in them; that of the page itself does not.
    cache = "public, max-age=31536000, immutable" if path.parent.name == "assets" else "no-cache"
    return FileResponse(path, headers={"Content-Security-Policy": rules, "Cache-Control": cache})
