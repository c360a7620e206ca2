"""Tokens: `wg_ID_SECRET`. The secret has 256 random bits, so that a plain hash of it cannot be guessed back."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time

from service.records import Token, new_id

_FORM = re.compile(r"wg_([0-9a-f]{24})_([0-9A-Za-z_-]{43})")


def made_token(
    name: str, *, server_admin: bool = False, lasts_s: float | None = None, now: float | None = None
) -> tuple[Token, str]:
    """A new token, and what its holder must keep: it is shown once."""
    at = time.time() if now is None else now
    key, secret = new_id(), secrets.token_urlsafe(32)
    token = Token(
        id=key,
        name=name,
        hash=_hash(key, secret),
        server_admin=server_admin,
        created=at,
        expires=None if lasts_s is None else at + lasts_s,
    )
    return token, f"wg_{key}_{secret}"


def parsed(text: str) -> tuple[str, str] | None:
    """Id and secret; None for anything else."""
    match = _FORM.fullmatch(text)
    return None if match is None else (match[1], match[2])


def verified(token: Token | None, secret: str, now: float) -> bool:
    """Whether `secret` opens `token`, and `token` is still valid. Takes as long where there is no such token."""
    expected = "0" * 64 if token is None else token.hash
    fits = hmac.compare_digest(expected, _hash("" if token is None else token.id, secret))
    if token is None or not fits or token.revoked is not None:
        return False
    return token.expires is None or now < token.expires


def _hash(key: str, secret: str) -> str:
    return hashlib.sha256(f"{key}:{secret}".encode()).hexdigest()
