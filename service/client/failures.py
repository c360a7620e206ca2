"""How a request can fail.

ClientError
├── Unreachable    no answer, or none that this service would give
└── Refused        the service said no, and why (RFC 9457)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ClientError(Exception):
    """Of this client."""


class Unreachable(ClientError):
    """Nobody answered, something else than this service did, or what arrived is not what was sent."""


class Refused(ClientError):
    """The service's problem document.

    Parameters
    ----------
    document : mapping
        `code`, `status`, `title`, `detail`, `remedy` and, for faults of inputs, `errors`.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = dict(document)
        self.code = str(document.get("code", ""))
        self.status = int(document.get("status", 0))
        super().__init__(f"{self.code}: {document.get('detail', '')}")

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The faults, as far as they are listed."""
        return list(self.document.get("errors") or ())
