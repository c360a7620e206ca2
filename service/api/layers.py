"""Layers of plans and datasets: sent as they lie on the disk, or parsed once for tables."""

from __future__ import annotations

import gzip
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.responses import FileResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from service.api.conditions import etag, matches, unchanged
from service.api.ready import Ready
from service.records import Blob
from service.storage import BlobStore

GEOJSON = "application/geo+json"


class LayerCache:
    """Properties of the features of a few layers, the most recently asked for."""

    def __init__(self, blobs: BlobStore, most: int = 16) -> None:
        self._blobs, self._most = blobs, most
        self._known: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()

    def properties(self, sha256: str) -> list[dict[str, Any]]:
        """Of every feature, without its shape."""
        found: list[dict[str, Any]] = self._remembered(sha256, "properties")
        return found

    def document(self, sha256: str) -> Any:
        """A JSON document."""
        return self._remembered(sha256, "document")

    def _remembered(self, sha256: str, what: str) -> Any:
        key = f"{what}:{sha256}"
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        raw = self._blobs.read(sha256)
        document = json.loads(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw)
        found = [feature["properties"] for feature in document["features"]] if what == "properties" else document
        with self._lock:
            self._known[key] = found
            while len(self._known) > self._most:
                self._known.popitem(last=False)
        return found


def blob_named(files: Sequence[Blob], name: str) -> Blob | None:
    """The file called `name`."""
    return next((blob for blob in files if blob.name == name), None)


async def packed_layer(request: Request, blobs: BlobStore, ready: Ready, blob: Blob) -> Response:
    """A compressed GeoJSON file, sent as it is to who takes that."""
    tag = etag(blob.sha256[:32])
    if matches(request, tag):
        return unchanged(tag)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    path = blobs.path(blob.sha256)
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        if not ready.takes(blob.bytes):
            return FileResponse(path, media_type=GEOJSON, headers=headers)
        packed = ready.get(blob.sha256)
        if packed is None:
            packed = ready.keep(blob.sha256, await run_in_threadpool(path.read_bytes))
        return Response(packed, media_type=GEOJSON, headers=headers)
    return StreamingResponse(_unpacked(path), media_type=GEOJSON, headers=headers)


def _unpacked(path: Any) -> Any:
    with gzip.open(path, "rb") as stream:
        while piece := stream.read(256 * 1024):
            yield piece
