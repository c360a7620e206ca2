"""A table of a TOML file that notes what does not fit instead of stopping at it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from partitioner.errors import Fault, Place, Text, shorten

MAX_NUMBER = 1e12
"""Beyond this a number is a slip of the keyboard (and NaN is beyond everything)."""

TYPE_NAMES = {
    "text": Text("文字", "a text"),
    "integer": Text("整数", "a whole number"),
    "number": Text("不小于 0 的数", "a number of at least 0"),
    "boolean": Text(" true 或 false", "true or false"),
    "texts": Text("文字的数组", "an array of texts"),
    "table": Text("一个表", "a table"),
    "tables": Text("表的数组（[[…]]）", "an array of tables ([[…]])"),
}


class Table:
    """Reads keys by type; whatever was never asked for is unknown.

    Parameters
    ----------
    pointer : str
        RFC 6901 pointer of this table.
    faults : list of Fault
        Shared by all tables of a file; appended to.
    """

    def __init__(self, contents: Mapping[str, Any], *, pointer: str, file: str, faults: list[Fault]) -> None:
        self._contents = contents
        self._pointer = pointer
        self._file = file
        self._faults = faults
        self._known: list[str] = []

    @property
    def num_faults(self) -> int:
        """How many faults were noted so far, in all tables of the file."""
        return len(self._faults)

    @property
    def given(self) -> bool:
        """Whether the table holds anything."""
        return bool(self._contents)

    def text(self, key: str, default: str, *, required: bool = True) -> str:
        value = self._get(key, required)
        if value is None:
            return default
        if not isinstance(value, str) or not value.strip():
            self._wrong_type(key, value, "text")
            return default
        return value

    def integer(self, key: str, *, required: bool = False) -> int | None:
        value = self._get(key, required)
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31):
            return value
        self._wrong_type(key, value, "integer")
        return None

    def number(self, key: str, default: float | None) -> float | None:
        value = self._get(key, required=False)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_NUMBER:
            self._wrong_type(key, value, "number")
            return default
        return value

    def boolean(self, key: str, *, default: bool) -> bool:
        value = self._get(key, required=False)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self._wrong_type(key, value, "boolean")
        return default

    def texts(self, key: str) -> list[str]:
        value = self._get(key, required=False)
        if value is None:
            return []
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return value
        self._wrong_type(key, value, "texts")
        return []

    def table(self, key: str, *, required: bool = False) -> Table:
        value = self._get(key, required)
        if value is not None and not isinstance(value, dict):
            self._wrong_type(key, value, "table")
            value = None
        # A missing table was noted once; its keys are not reported on top of it.
        return self._inside(value or {}, key, silent=value is None)

    def tables(self, key: str, *, required: bool = True) -> list[Table]:
        value = self._get(key, required)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong_type(key, value, "tables")
            return []
        return [self._inside(item, f"{key}/{i}") for i, item in enumerate(value)]

    def refuse_unknown(self) -> None:
        """Note every key that was never asked for."""
        known = sorted(self._known)
        for key in self._contents:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                hint = Text(f"，是否指 {near[0]}", f"; did you mean {near[0]}") if near else Text("", "")
                self.fault(
                    _escape(key),
                    "key_unknown",
                    Text(f"不认识的键 {shorten(key)}{hint.zh}", f"unknown key {shorten(key)}{hint.en}"),
                    Text(f"可用的键：{'、'.join(known)}", f"Known keys are {', '.join(known)}"),
                )

    def fault(self, key: str, rule: str, message: Text, remedy: Text, value: object = None) -> None:
        """Note a fault at `key` (a pointer below this table; empty for the table itself)."""
        pointer = f"{self._pointer}/{key}" if key else self._pointer or "/"
        place = Place(file=self._file, pointer=pointer)
        shown = None if value is None else str(value)
        self._faults.append(Fault(rule=rule, message=message, remedy=remedy, place=place, value=shown))

    def _inside(self, contents: Mapping[str, Any], key: str, *, silent: bool = False) -> Table:
        return Table(contents, pointer=f"{self._pointer}/{key}", file=self._file, faults=[] if silent else self._faults)

    def _get(self, key: str, required: bool) -> Any:
        self._known.append(key)
        value = self._contents.get(key)
        if value is None and required:
            self.fault(
                key,
                "key_missing",
                Text(f"缺少 {key}", f"{key} is missing"),
                Text(f"请补上 {key}", f"Add {key}"),
            )
        return value

    def _wrong_type(self, key: str, value: object, kind: str) -> None:
        name = TYPE_NAMES[kind]
        self.fault(
            key,
            "value_type",
            Text(f"{key} 应为{name.zh}", f"{key} must be {name.en}"),
            Text("请改正该值", "Correct the value"),
            value,
        )


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
