"""Reading JSON documents: every fault is collected with its pointer, nothing is guessed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from partitioner.errors import Fault, InputError, Place, Text

MAX_HOUSEHOLDS = 1_000_000_000
"""Largest number of households (or of anything counted) that a document may name; sums stay exact in float64."""


def load_json(path: str | Path) -> Any:
    """The document in a file, read strictly: UTF-8, no NaN or Infinity, no key twice.

    Raises
    ------
    InputError
        The file cannot be read, or is not such a document.
    """
    file = str(path)
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError([unreadable(file, error)]) from None
    except UnicodeDecodeError as error:
        raise InputError(
            [
                Fault(
                    rule="encoding",
                    place=Place(file=file),
                    message=Text(f"第 {error.start} 字节处不是 UTF-8", f"byte {error.start} is not UTF-8"),
                    remedy=Text("请将文件另存为 UTF-8", "save the file as UTF-8"),
                )
            ]
        ) from None
    except ValueError as error:  # a path that no file system takes
        raise InputError([unreadable(file, OSError(str(error)))]) from None
    return parse_json(text, file)


def parse_json(text: str, file: str | None = None) -> Any:
    """`text` as a document. See `load_json`."""

    def refuse_constant(name: str) -> NoReturn:
        raise _StrictnessError(name, Text("数值必须是有限的", "numbers must be finite"))

    def refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        document = dict(pairs)
        if len(document) < len(pairs):
            seen: set[str] = set()
            key = next(k for k, _ in pairs if k in seen or seen.add(k))  # type: ignore[func-returns-value]
            raise _StrictnessError(key, Text("同一对象中键重复", "a key stands twice in one object"))
        return document

    try:
        document = json.loads(text, parse_constant=refuse_constant, object_pairs_hook=refuse_repeats)
        if "\\ud" in text or "\\uD" in text:  # only an escape can smuggle in what is no text
            _refuse_half_characters(document)
        return document
    except _StrictnessError as error:
        fault = Fault(
            rule="json",
            place=Place(file=file),
            value=error.value,
            message=error.message,
            remedy=Text("请改正该处", "correct it"),
        )
    except json.JSONDecodeError as error:
        fault = Fault(
            rule="json",
            place=Place(file=file, row=error.lineno, column=str(error.colno)),
            message=Text("不是有效的 JSON" if text.strip() else "文件是空的", f"not valid JSON: {error.msg}")
            if text.strip()
            else Text("文件是空的", "the file is empty"),
            remedy=Text("请改正该处，或重新导出文件", "correct it there, or export the file again"),
        )
    except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
        fault = Fault(
            rule="json",
            place=Place(file=file),
            message=Text("嵌套过深或数字过长", "nested too deeply, or a number of too many digits"),
            remedy=Text("请重新导出文件", "export the file again"),
        )
    raise InputError([fault]) from None


def _refuse_half_characters(document: Any) -> None:
    """Lone surrogates cannot be written to any file."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(str(error.object)[error.start]):04x}"
        raise _StrictnessError(half, Text("文本含不完整的字符", "a text holds half a character")) from None


class _StrictnessError(Exception):
    def __init__(self, value: str, message: Text) -> None:
        self.value = value
        self.message = message


def unreadable(file: str, error: OSError) -> Fault:
    """The fault of a path that cannot be read."""
    if isinstance(error, FileNotFoundError):
        message = Text("文件不存在", "no such file")
    elif isinstance(error, IsADirectoryError):
        message = Text("这是一个目录，不是文件", "this is a folder, not a file")
    elif isinstance(error, PermissionError):
        message = Text("没有读取权限", "no permission to read")
    else:
        message = Text(f"无法读取（{error.strerror or error}）", f"cannot be read ({error.strerror or error})")
    return Fault(
        rule="unreadable",
        place=Place(file=file),
        message=message,
        remedy=Text("请检查路径与权限", "check the path and its permissions"),
    )


class Faults:
    """Collects faults of one document; `check()` raises them all."""

    def __init__(self, file: str | None = None) -> None:
        self.file = file
        self.found: list[Fault] = []

    def add(self, pointer: str, rule: str, message: Text, remedy: Text, value: object = None) -> None:
        shown = None if value is None else _as_json(value)
        place = Place(file=self.file, pointer=pointer)
        self.found.append(Fault(rule=rule, place=place, value=shown, message=message, remedy=remedy))

    def check(self) -> None:
        """Raise what was collected, if anything."""
        if self.found:
            raise InputError(self.found)

    # --- one value -------------------------------------------------------------------------------------------------

    def mapping(
        self, value: object, pointer: str, known: Iterable[str], required: Sequence[str] = ()
    ) -> dict[str, Any]:
        """`value` as an object with known keys only; {} where it is none."""
        if not isinstance(value, dict):
            self._wrong_kind(pointer, value, Text("对象 {…}", "an object {…}"))
            return {}
        allowed = set(known)
        for key in value:
            if key not in allowed:
                names = ", ".join(sorted(allowed))
                self.add(
                    f"{pointer}/{escape(key)}",
                    "unknown_key",
                    Text(f"未知的键 {key!r}", f"unknown key {key!r}"),
                    Text(f"请删除或改正；可用的键：{names}", f"remove or correct it; known keys: {names}"),
                )
        for key in required:
            if key not in value:
                self.add(
                    f"{pointer}/{escape(key)}",
                    "missing_key",
                    Text(f"缺少必需的键 {key!r}", f"the required key {key!r} is missing"),
                    Text("请补上", "add it"),
                )
        return value

    def array(self, value: object, pointer: str, length: int | None = None) -> list[Any] | None:
        """`value` as a list (of `length` entries); None where it is none."""
        if not isinstance(value, list):
            self._wrong_kind(pointer, value, Text("数组 […]", "an array […]"))
            return None
        if length is not None and len(value) != length:
            self.add(
                pointer,
                "length",
                Text(f"有 {len(value)} 项，应为 {length} 项", f"{len(value)} entries, expected {length}"),
                Text("各数组须与 id（或 u）等长", "every array must be as long as id (or u)"),
            )
            return None
        return value

    def text(self, value: object, pointer: str) -> str | None:
        """`value` as non-empty text; None where it is none."""
        if isinstance(value, str) and value.strip():
            return value
        self._wrong_kind(pointer, value, Text("非空文本", "text that is not empty"))
        return None

    def whole(self, value: object, pointer: str, low: int = 0, high: int = MAX_HOUSEHOLDS) -> int | None:
        """`value` as a whole number from `low` to `high`; None where it is none."""
        if not is_number(value) or value != int(value):  # type: ignore[call-overload]
            self._wrong_kind(pointer, value, Text("整数", "a whole number"))
            return None
        return int(value) if self._within(value, pointer, low, high) else None  # type: ignore[call-overload]

    def number(self, value: object, pointer: str, low: float = 0.0, high: float = 1e15) -> float | None:
        """`value` as a finite number from `low` to `high`; None where it is none."""
        if not is_number(value):
            self._wrong_kind(pointer, value, Text("数", "a number"))
            return None
        return float(value) if self._within(value, pointer, low, high) else None  # type: ignore[arg-type]

    def _within(self, value: Any, pointer: str, low: float, high: float) -> bool:
        if low <= value <= high:
            return True
        self.add(
            pointer,
            "range",
            Text(f"应在 {low:g} 与 {high:g} 之间", f"must lie between {low:g} and {high:g}"),
            Text("请改正该值", "correct the value"),
            value,
        )
        return False

    def _wrong_kind(self, pointer: str, value: object, expected: Text) -> None:
        self.add(
            pointer,
            "type",
            Text(f"应为{expected.zh}", f"expected {expected.en}"),
            Text("请改正该值", "correct the value"),
            value,
        )

    # --- whole arrays ----------------------------------------------------------------------------------------------

    def wholes(self, value: object, pointer: str, length: int | None = None, high: int = MAX_HOUSEHOLDS) -> list[int]:
        """An array of whole numbers from 0 to `high`; faulty entries become 0."""
        entries = self.array(value, pointer, length)
        return [self.whole(e, f"{pointer}/{i}", 0, high) or 0 for i, e in enumerate(entries or ())]

    def numbers(
        self, value: object, pointer: str, length: int | None = None, low: float = 0.0, high: float = 1e15
    ) -> list[float]:
        """An array of finite numbers; faulty entries become 0."""
        entries = self.array(value, pointer, length)
        read = (self.number(e, f"{pointer}/{i}", low, high) for i, e in enumerate(entries or ()))
        return [0.0 if number is None else number for number in read]

    def names(self, value: object, pointer: str, length: int | None = None, nullable: bool = False) -> list[str | None]:
        """An array of texts, null allowed where `nullable`; faulty entries become None."""
        entries = self.array(value, pointer, length)
        return [None if nullable and e is None else self.text(e, f"{pointer}/{i}") for i, e in enumerate(entries or ())]


def is_number(value: object) -> bool:
    """A finite number (True and False are none)."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return True  # an integer beyond float64: the range check names it


def escape(key: str) -> str:
    """A key as one step of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1")


def _as_json(value: object) -> str:
    if isinstance(value, (Mapping, list)):
        return json.dumps(value, ensure_ascii=False)[:80]
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, int) else str(value)[:80]
