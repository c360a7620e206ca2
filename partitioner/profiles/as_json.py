"""A profile as a JSON document and back, as a finished plan keeps it. Fields are found by their declared types."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from partitioner.profiles.profile import Profile


def profile_to_json(profile: Profile) -> dict[str, Any]:
    """Everything that `profile` says, whether a file said it or a default."""
    document: dict[str, Any] = _to_json(profile)
    return document


def profile_from_json(document: Mapping[str, Any]) -> Profile:
    """The profile that `profile_to_json` was given.

    Raises
    ------
    KeyError, TypeError, ValueError
        Something is missing, unknown or out of range.
    """
    profile: Profile = _from_json(Profile, document)
    return profile


def _to_json(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _to_json(entry) for key, entry in value.items()}
    if isinstance(value, frozenset):
        return sorted(_to_json(entry) for entry in value)
    return [_to_json(entry) for entry in value] if isinstance(value, tuple) else value


def _from_json(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _from_json(next(part for part in inner if part is not type(None)), value)
    if is_dataclass(kind):
        assert isinstance(kind, type)
        hints = get_type_hints(kind)
        return kind(**{name: _from_json(hints[name], entry) for name, entry in value.items()})
    if origin is tuple and Ellipsis in inner:
        return tuple(_from_json(inner[0], entry) for entry in value)
    if origin is tuple:
        return tuple(_from_json(part, entry) for part, entry in zip(inner, value, strict=True))
    if origin is frozenset:
        return frozenset(_from_json(inner[0], entry) for entry in value)
    if origin is not None and origin is not Literal and issubclass(origin, Mapping):
        return {key: _from_json(inner[1], entry) for key, entry in value.items()}
    return value
