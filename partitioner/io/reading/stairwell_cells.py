"""Cells of stairwell ledgers: which stairwell, which floors, which room."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from partitioner.io.reading.cells import CellError, is_blank, plain_text, read_count

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_CHINESE = re.compile(r"([一二三四五六七八九]?十)?([一二三四五六七八九])?")
_UNIT = re.compile(r"(号?单元|号?楼门|号?门|楼层|层|楼|f)$", re.IGNORECASE)
_STAIRWELL = re.compile(r"(号?单元|楼门|门)$")
_NAME = re.compile(r"[A-Za-z一-鿿][0-9A-Za-z一-鿿]{0,9}")
_TO = re.compile(r"[-~–—―−至到]+")
_ABOVE_GROUND = re.compile(r"^(地上|第)")
_ROOM = re.compile(r"(?:(.+?)(?:号?单元|楼门|门|[-–—]))?([0-9]{3,4})")
_ROOM_END = re.compile(r"(号房?|室|房|户)$")

NO_NAMES = frozenset({"无", "没有", "暂无", "不详", "未知", "待定", "待补", "零", "nan", "none", "null", "na", "n/a"})
"""What people write where they do not know: never the name of a stairwell."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Which stairwell of its building a row means.

    Parameters
    ----------
    number : int or None
        From 1; None where the stairwell has a name.
    name : str
        "" where it has a number; else without 单元, so that A and A单元 are one.
    title : str
        What outputs call it: A单元, 东门.
    """

    number: int | None
    name: str = ""
    title: str = ""


def read_ordinal(value: object) -> int | None:
    """A number from 1, such as 3, "3单元", "三单元" or "12层"; None for a blank cell.

    Raises
    ------
    CellError
        As `read_count`; ``zero`` for 0, ``code_date`` for a date.
    """
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        raise CellError("code_date")
    text = _ABOVE_GROUND.sub("", _UNIT.sub("", plain_text(value))) if isinstance(value, str) else value
    if isinstance(text, str) and text and (match := _CHINESE.fullmatch(text)):
        tens, ones = match.groups()
        number = 10 * (_DIGITS.get(tens[0], 1) if tens else 0) + (_DIGITS[ones] if ones else 0)
    else:
        read = read_count(text)
        if read is None:
            return None
        number = read
    if number == 0:
        raise CellError("zero")
    return number


def read_floors_cell(value: object) -> tuple[int, int] | None:
    """The lowest and the highest floor of 3, "3层", "1-6", "3~5层", "3至5" or "地上1-18"; None for a blank cell.

    Raises
    ------
    CellError
        As `read_ordinal`; ``range`` for a text that is neither a floor nor a range, or one from above to below.
    """
    parts = _TO.split(plain_text(value)) if isinstance(value, str) else []
    if len(parts) != 2 or not all(parts):
        try:
            floor = read_ordinal(value)
        except CellError as error:
            raise CellError("range" if error.rule == "text" else error.rule) from None
        return None if floor is None else (floor, floor)
    try:
        low, high = (read_ordinal(part.strip()) for part in parts)
    except CellError:
        raise CellError("range") from None
    if low is None or high is None or low > high:
        raise CellError("range")
    return low, high


def read_mark(value: object) -> Mark | None:
    """A stairwell by number (2, "2单元", "二单元") or by name ("A", "甲单元", "东单元", "东门"); None for a blank cell.

    Raises
    ------
    CellError
        As `read_ordinal`; ``text`` for what is neither a number nor a short name.
    """
    if is_blank(value):
        return None
    try:
        return Mark(read_ordinal(value))
    except CellError as error:
        if error.rule != "text" or not isinstance(value, str):
            raise
    text = "".join(plain_text(value).split()).upper()
    name = _STAIRWELL.sub("", text)
    if not _NAME.fullmatch(name) or name.casefold() in NO_NAMES:
        raise CellError("text")
    ending = _STAIRWELL.search(text)
    return Mark(None, name, f"{name}单元" if ending is None else text)


def read_room(value: object) -> tuple[Mark | None, int, int] | None:
    """Stairwell, floor and number on the floor of "1502", "1502室", "2-1502" or "2单元1502"; None for a blank cell.

    The last two digits count the rooms of a floor; the stairwell is None where the number does not tell it.

    Raises
    ------
    CellError
        ``room`` for anything else; ``code_date`` for a date.
    """
    if is_blank(value):
        return None
    if isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        raise CellError("code_date")
    match = _ROOM.fullmatch(_ROOM_END.sub("", "".join(plain_text(value).split())))
    if match is None:
        raise CellError("room")
    floor, room = divmod(int(match[2]), 100)
    if not floor or not room:
        raise CellError("room")
    try:
        return (None if match[1] is None else read_mark(match[1])), floor, room
    except CellError:
        raise CellError("room") from None
