"""What every request passes first: name of the host, origin, size, rate; and what every answer carries."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem
from service.api.services import Services
from service.errors import ServiceError
from service.logs import REQUEST, request_id, told

LOG = logging.getLogger("wangge.access")

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]", "::1"})
"""Names of this machine: with any other one a foreign page could read plans through a browser."""

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"geolocation=(), camera=(), microphone=()",
}
"""On every answer."""

API_POLICY = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
"""For everything but the page, whose own policy its route sets."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

FREE = frozenset({"/health", "/ready"})
"""Asked for by machines that watch the server, as often as they like."""


class Bucket:
    """So many requests a minute for each key, with bursts of a sixth of that."""

    def __init__(self, per_minute: int) -> None:
        self._rate, self._most = per_minute / 60.0, max(1.0, per_minute / 6.0)
        self._levels: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key: str) -> float:
        """0 if a request may pass; else the seconds to wait."""
        now = time.monotonic()
        with self._lock:
            level, at = self._levels.get(key, (self._most, now))
            level = min(self._most, level + (now - at) * self._rate)
            if len(self._levels) > 10_000:
                self._levels.clear()  # nobody has that many clients; forgetting them is the lesser evil
            if level < 1.0:
                self._levels[key] = (level, now)
                return (1.0 - level) / self._rate
            self._levels[key] = (level - 1.0, now)
            return 0.0


class TooLarge(HTTPException):
    """A body went beyond its limit while it was read. Whoever reads it for a route lets this kind of error pass."""

    def __init__(self) -> None:
        super().__init__(413)


class Gate:
    """Pure ASGI: bodies are counted as they stream, never held."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app, self._services = app, services
        self._bucket = Bucket(services.settings.limits.requests_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, request = time.perf_counter(), Request(scope, receive)
        status, key = [500], request_id(request.headers.get("x-request-id"))
        REQUEST.set(key)

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                status[0] = message["status"]
                message["headers"] = _with_headers(message["headers"], scope["path"], key)
            await send(message)

        refused = self._refused(request)
        try:
            if refused is not None:
                await problem(request, refused)(scope, receive, answered)
            else:
                await self._passed(scope, receive, answered, request)
        finally:
            self._note(scope, request.method, status[0], time.perf_counter() - began)

    async def _passed(self, scope: Scope, receive: Receive, send: Send, request: Request) -> None:
        most, counted, started = self._most_bytes(request), [0], [False]

        async def receiving() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                counted[0] += len(message.get("body", b""))
                if counted[0] > most:
                    raise TooLarge
            return message

        async def sending(message: Message) -> None:
            started[0] = True
            await send(message)

        try:
            await self._app(scope, receiving, sending)
        except TooLarge:
            if not started[0]:
                await problem(request, ServiceError("too_large"))(scope, receive, send)

    def _refused(self, request: Request) -> ServiceError | None:
        host = _host(request)
        if host not in LOOPBACK and host not in self._services.settings.hosts:
            return ServiceError("host_unknown")
        if request.method not in SAFE and _foreign(request):
            return ServiceError("origin_foreign")
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._most_bytes(request):
            return ServiceError("too_large")
        if request.url.path in FREE:
            return None
        wait_s = self._bucket.take(_key(request))
        if wait_s:
            return ServiceError("rate_exceeded", retry_after_s=wait_s)
        if "x-forwarded-for" in request.headers and not self._services.wants_tokens():
            return ServiceError("proxy_without_tokens")
        return None

    def _most_bytes(self, request: Request) -> int:
        limits = self._services.settings.limits
        upload = request.headers.get("content-type", "").startswith("multipart/form-data")
        return limits.upload_bytes + limits.body_bytes if upload else limits.body_bytes

    def _note(self, scope: Scope, method: str, status: int, seconds: float) -> None:
        """One line and one count; the route, never the address: names of things stay out of logs."""
        route = scope.get("route")
        path = getattr(route, "path", None) or "-"
        metrics = self._services.metrics
        metrics.requests.labels(method if method.isalpha() else "-", path, status).inc()
        metrics.seconds.labels(method if method.isalpha() else "-", path).observe(seconds)
        LOG.info("answered", extra=told(method=method, route=path, status=status, ms=round(seconds * 1000, 1)))


def _host(request: Request) -> str:
    host = request.headers.get("host", "")
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.rpartition(":")[0] if ":" in host else host


def _foreign(request: Request) -> bool:
    """Whether a browser says that another site's page sent this."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and origin.partition("://")[2] != request.headers.get("host", "")


def _key(request: Request) -> str:
    """Whose requests are counted together; a token is known by its hash only."""
    told = request.headers.get("authorization") or request.cookies.get("wangge")
    if told:
        return hashlib.sha256(told.encode("latin-1", "replace")).hexdigest()
    return request.client.host if request.client else "-"


def _with_headers(headers: Any, path: str, key: str) -> list[tuple[bytes, bytes]]:
    given = [*headers, (b"x-request-id", key.encode("ascii"))]
    names = {name.lower() for name, _ in given}
    given += [(name, value) for name, value in HEADERS.items() if name not in names]
    if b"content-security-policy" not in names:
        given.append((b"content-security-policy", API_POLICY))
    if path.startswith("/api/") and b"cache-control" not in names:
        given.append((b"cache-control", b"no-store"))
    return given
