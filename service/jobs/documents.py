"""Values of the library as JSON documents, their sentences in both languages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from partitioner.errors import Text
from partitioner.model import Labels


def document_of(value: Any) -> Any:
    """Dataclasses as objects, `Text` as `{"zh", "en"}`, fractions as numbers, numbers that are none as null."""
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: document_of(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Labels):
        return list(value.values())
    if isinstance(value, Mapping):
        return {str(key): document_of(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [document_of(entry) for entry in value]
    if isinstance(value, set | frozenset):
        return sorted(document_of(entry) for entry in value)
    if isinstance(value, np.generic | np.ndarray):
        return document_of(value.tolist())
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def localised(document: Any, language: str) -> Any:
    """`document` with its sentences in one language."""
    if isinstance(document, dict):
        if document.keys() == {"zh", "en"}:
            return Text(**document).in_language(language)
        return {key: localised(entry, language) for key, entry in document.items()}
    if isinstance(document, list):
        return [localised(entry, language) for entry in document]
    return document
