"""A server of white tiles with one black mark, in the ways that map services count them."""

from __future__ import annotations

import http.server
import io
import itertools
import math
import re

import numpy as np
from PIL import Image, ImageDraw
from playwright.sync_api import Page

TILE = 256
MARK_PX = 14
AROUND_PX = 70
ADDRESS = re.compile(r"/(\d+)/(\d+)/(\d+)\.png|TILEMATRIXSET=(\w).*MATRIX=(\d+)&TILEROW=(\d+)&TILECOL=(\d+)")
CREDIT = "测绘局 © <1>"


class Tiles(http.server.ThreadingHTTPServer):
    """White tiles, as XYZ and as WMTS, with a black mark at one place of the world; every third column is missing."""

    lon, lat = 0.0, 0.0
    asked: list[str]

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def place(self, zoom: int, degrees: bool) -> tuple[float, float]:
        """Column and row of the mark, with fractions."""
        if degrees:
            return (self.lon + 180) / 360 * 2**zoom, (90 - self.lat) / 360 * 2**zoom
        up = math.log(math.tan(math.pi / 4 + math.radians(self.lat) / 2))
        return (self.lon + 180) / 360 * 2**zoom, (1 - up / math.pi) / 2 * 2**zoom


class Handler(http.server.BaseHTTPRequestHandler):
    server: Tiles

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = re.search(
            r"/(\d+)/(\d+)/(\d+)\.png|TILEMATRIXSET=(\w).*MATRIX=(\d+)&TILEROW=(\d+)&TILECOL=(\d+)", self.path
        )
        if found is None:
            self.send_error(404)
            return
        zoom, column, row = (int(found[i]) for i in ((1, 2, 3) if found[1] else (5, 7, 6)))
        at_column, at_row = self.server.place(zoom, found[4] == "c")
        if column % 3 == (int(at_column) + 1) % 3:
            self.send_error(404)
            return
        picture = Image.new("RGB", (TILE, TILE), "white")
        x, y = (at_column - column) * TILE, (at_row - row) * TILE
        ImageDraw.Draw(picture).rectangle((x - MARK_PX, y - MARK_PX, x + MARK_PX, y + MARK_PX), fill="black")
        kept = io.BytesIO()
        picture.save(kept, "PNG")
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(kept.getvalue())

    def log_message(self, format: str, *args: object) -> None:
        pass


def wmts(tiles: Tiles, matrices: str) -> str:
    return (
        f"{tiles.url}/wmts?TILEMATRIXSET={matrices}&TILEMATRIX={{TileMatrix}}&TILEROW={{TileRow}}&TILECOL={{TileCol}}"
    )


def settled(page: Page, x: float, y: float) -> dict[tuple[int, int], float]:
    """How dark the map is around a point of the screen and at four beside it, once nothing changes any more."""
    clip = {"x": x - AROUND_PX - 4, "y": y - AROUND_PX - 4, "width": 2 * AROUND_PX + 9, "height": 2 * AROUND_PX + 9}
    before, seen = b"", page.screenshot(clip=clip)
    while before != seen:
        page.wait_for_timeout(200)
        before, seen = seen, page.screenshot(clip=clip)
    grey = 255.0 - np.asarray(Image.open(io.BytesIO(seen)).convert("L"))
    spots = [(0, 0), *itertools.product((-AROUND_PX, AROUND_PX), repeat=2)]
    return {(dx, dy): float(grey[AROUND_PX + dy :, AROUND_PX + dx :][:9, :9].mean()) for dx, dy in spots}
