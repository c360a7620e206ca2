"""Options of the form NAME=VALUE."""

from __future__ import annotations

import typer


def pairs_of(entries: list[str], option: str, *, repeated: bool = False) -> list[tuple[str, str]]:
    """Names and values; the last one of a name wins unless names may be `repeated`.

    Raises
    ------
    typer.BadParameter
        An entry has no “=”, or nothing on one side of it.
    """
    pairs = []
    for entry in entries:
        key, sign, value = entry.partition("=")
        if not (sign and key.strip() and value.strip()):
            raise typer.BadParameter(f"{option} {entry!r}：应为 NAME=VALUE · expected NAME=VALUE")
        pairs.append((key.strip(), value.strip()))
    return pairs if repeated else list(dict(pairs).items())


def systems_of(entries: list[str]) -> dict[str, str] | str | None:
    """One system for everything, or a mapping by file or layer. WKT holds “=” nowhere before its first bracket."""
    plain = [entry for entry in entries if "=" not in entry.split("[")[0]]
    if plain and len(entries) > 1:
        raise typer.BadParameter("--crs：给一个，或都写成 NAME=CRS · give one, or all of them as NAME=CRS")
    return plain[0] if plain else (dict(pairs_of(entries, "--crs")) or None)
