"""What a cell says: a count, a code, a coordinate. Nothing is guessed; what cannot be read is named by rule."""

from __future__ import annotations

import datetime
import math
import re
import unicodedata

MAX_COUNT = 100_000
"""No building or compound holds more households or people than this."""

EXACT_DIGITS = 15
"""Spreadsheets keep this many digits of a number; the rest is zeros."""

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_MEASURE = re.compile(r"(户|人|口|层|栋|幢|座|个|间|套|门|单元|households?|persons?|people|floors?)$", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_DEGREES = re.compile(r"""(\d{1,3})[°度]\s*(\d{1,2})['′分]\s*(\d{1,2}(?:\.\d+)?)\s*["″秒]?""")


class CellError(ValueError):
    """A cell that cannot be read; `rule` says why."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


def plain_text(value: object) -> str:
    """A cell as text: full-width letters and digits narrowed, blanks trimmed; "" for an empty cell."""
    if value is None:
        return ""
    if isinstance(value, str) and value.isascii():
        return value.strip()
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        if value.is_integer() and abs(value) < 10**EXACT_DIGITS:
            return str(int(value))
    return unicodedata.normalize("NFKC", str(value)).strip().strip("\ufeff\u200b").strip()


def is_blank(value: object) -> bool:
    """Whether a cell holds nothing, or only blanks."""
    return value is None or (isinstance(value, float) and math.isnan(value)) or plain_text(value) == ""


def read_count(value: object) -> int | None:
    """A whole number from 0 to `MAX_COUNT`, or None for a blank cell.

    Thousands separators, full-width digits and a trailing measure ("54户") are understood.

    Raises
    ------
    CellError
        ``text``, ``negative``, ``fraction`` or ``huge``.
    """
    if is_blank(value):
        return None
    number = _number(value)
    if math.isinf(number) or abs(number) > MAX_COUNT:
        raise CellError("negative" if number < 0 else "huge")
    if number < 0:
        raise CellError("negative")
    if number != math.floor(number):
        raise CellError("fraction")
    return int(number)


def read_code(value: object) -> str | None:
    """A code or name as text, or None for a blank cell.

    Raises
    ------
    CellError
        ``code_digits_lost`` for a number of more digits than a spreadsheet keeps, ``code_scientific`` for its text
        form, ``code_date`` where a spreadsheet made a date of it.
    """
    if is_blank(value):
        return None
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        raise CellError("code_date")
    if isinstance(value, float) and abs(value) >= 10**EXACT_DIGITS:
        raise CellError("code_digits_lost")
    text = plain_text(value)
    if _SCIENTIFIC.fullmatch(text):
        raise CellError("code_scientific")
    return text


def read_coordinate(value: object) -> float | None:
    """A finite number of degrees or metres, or None for a blank cell; degrees-minutes-seconds are understood.

    Raises
    ------
    CellError
        ``coordinate_text``.
    """
    if is_blank(value):
        return None
    degrees = _DEGREES.search(plain_text(value)) if isinstance(value, str) else None
    if degrees:
        whole, minutes, seconds = (float(part) for part in degrees.groups())
        return whole + minutes / 60 + seconds / 3600
    try:
        number = _number(value)
    except CellError:
        number = math.nan
    if not math.isfinite(number):
        raise CellError("coordinate_text")
    return number


def _number(value: object) -> float:
    if isinstance(value, (bool, datetime.date, datetime.time, datetime.timedelta)):
        raise CellError("text")
    if not isinstance(value, str):
        try:
            return float(value)  # type: ignore[arg-type]
        except OverflowError:
            return math.inf
        except (TypeError, ValueError):
            raise CellError("text") from None
    text = _MEASURE.sub("", re.sub(r"\s", "", plain_text(value)))
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        raise CellError("text")
    return float(text)
