"""The map under plans: an address of tiles with places for their numbers, and where its pictures come from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from partitioner.errors import Fault, InputError, Text

NUMBERS = (("{z}", "{TileMatrix}"), ("{x}", "{TileCol}"), ("{y}", "{-y}", "{TileRow}"))
"""What stands for the zoom, the column and the row: as XYZ and as WMTS write it."""

_RANGE = re.compile(r"\{([0-9])-([0-9])\}|\{([a-z])-([a-z])\}")
_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?")


@dataclass(frozen=True, kw_only=True)
class BaseMap:
    """Tiles that the page may draw under a plan.

    Parameters
    ----------
    template : str
        Address with `{z}`, `{x}` and `{y}` (or WMTS's `{TileMatrix}`, `{TileCol}`, `{TileRow}`) and, in the host,
        a range as `{0-7}` or `{a-c}`; behind a `#` whose map it is. An address that begins with `/` is this server's.

    Raises
    ------
    InputError
        The address cannot be that of tiles.
    """

    template: str

    def __post_init__(self) -> None:
        address = self.template.partition("#")[0]
        if not all(any(name in address for name in names) for names in NUMBERS):
            raise _wrong(self.template, "地址中没有 {z}、{x}、{y}", "the address has no {z}, {x} and {y}")
        hosts = self._hosts()
        if not address.startswith("/") and not (hosts and all(map(_HOST.fullmatch, hosts))):
            raise _wrong(self.template, "不是 http 或 https 地址", "this is no http or https address")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where pictures may be loaded from besides this server: scheme and host of every tile server."""
        address = urlsplit(self._at_range(0))
        return tuple(f"{address.scheme}://{host}" for host in self._hosts()) if address.scheme else ()

    def _hosts(self) -> list[str]:
        found = [urlsplit(self._at_range(number)) for number in range(self._num_hosts())]
        return [address.netloc if address.scheme in ("http", "https") else "" for address in found]

    def _num_hosts(self) -> int:
        ends = _RANGE.search(self.template)
        return 1 if ends is None else 1 + ord(ends[2] or ends[4]) - ord(ends[1] or ends[3])

    def _at_range(self, number: int) -> str:
        return _RANGE.sub(lambda ends: chr(ord(ends[1] or ends[3]) + number), self.template, count=1)


def _wrong(template: str, zh: str, en: str) -> InputError:
    fault = Fault(
        rule="base_map_wrong",
        value=template,
        message=Text(f"底图{zh}", f"base map: {en}"),
        remedy=Text(
            "请写成 https://…/{z}/{x}/{y}.png；WMTS 写 {TileMatrix}、{TileCol}、{TileRow}",
            "write https://…/{z}/{x}/{y}.png; for WMTS {TileMatrix}, {TileCol} and {TileRow}",
        ),
    )
    return InputError([fault])
