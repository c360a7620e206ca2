"""What can go wrong, and how it is told.

    WanggeError
    ├── InputError     what was given is wrong; carries every fault that was found
    └── OutputError    a result could not be written; nothing that existed before was damaged

A `Fault` is data: place, value, rule and remedy. Prose is rendered last, in Chinese and English.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MAX_LISTED_FAULTS = 1000
"""How many faults a rendered message lists; the rest is counted."""

MAX_SHOWN_VALUE = 60
"""How many characters of an offending value a message shows."""


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in the two languages of the readers."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"

    def in_language(self, language: str) -> str:
        """`"zh"`, `"en"`, or anything else for both."""
        return {"zh": self.zh, "en": self.en}.get(language, str(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in the input. Unknown parts are None.

    `row` counts as a reader of the file sees it: 1 is the first line of a sheet (usually its headings), and the first
    feature of a layer without lines. `pointer` is an RFC 6901 JSON pointer.
    """

    file: str | None = None
    layer: str | None = None
    row: int | None = None
    column: str | None = None
    pointer: str | None = None

    def text(self) -> Text:
        zh, en = [], []
        for value, name_zh, name_en in (
            (self.file, "文件", "file"),
            (self.layer, "工作表/图层", "sheet/layer"),
            (self.row, "行", "row"),
            (self.column, "列", "column"),
            (self.pointer, "位置", "at"),
        ):
            if value is not None:
                zh.append(f"{name_zh} {value}")
                en.append(f"{name_en} {value}")
        return Text("，".join(zh), ", ".join(en))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong (or, in a list of warnings, worth knowing).

    `rule` is a stable code such as ``households_negative``; `value` is what was found, as text.
    """

    rule: str
    message: Text
    remedy: Text
    place: Place = Place()
    value: str | None = None

    def text(self) -> Text:
        """The whole fault as one line per language."""
        where = self.place.text()
        shown = "" if self.value is None else shorten(self.value)
        zh = f"{where.zh}：" if where.zh else ""
        en = f"{where.en}: " if where.en else ""
        if shown:
            zh += f"“{shown}” "
            en += f"“{shown}” "
        told = self.message.en if en else _capitalised(self.message.en)
        return Text(
            f"{zh}{self.message.zh}。{self.remedy.zh}。[{self.rule}]",
            f"{en}{told}. {_capitalised(self.remedy.en)}. [{self.rule}]",
        )


def _capitalised(sentence: str) -> str:
    """With a capital first letter, unless the first word is a name from the input or the code, such as b_1 or --crs."""
    first = sentence.partition(" ")[0]
    return sentence[:1].upper() + sentence[1:] if first.isalpha() else sentence


def shorten(value: object) -> str:
    """`value` as text of at most `MAX_SHOWN_VALUE` characters, control characters replaced."""
    text = "".join(c if c.isprintable() else " " for c in str(value)[: MAX_SHOWN_VALUE + 1])
    return text if len(text) <= MAX_SHOWN_VALUE else text[: MAX_SHOWN_VALUE - 1] + "…"


class WanggeError(Exception):
    """Everything this package raises on purpose."""


class InputError(WanggeError):
    """What was given is wrong. `faults` holds everything that was found, in the order of the input.

    Parameters
    ----------
    faults : iterable of Fault
    num_faults : int, optional
        How many were found, where they were too many to be kept.
    """

    def __init__(self, faults: Iterable[Fault], *, num_faults: int | None = None) -> None:
        self.faults = tuple(faults)
        self.num_faults = len(self.faults) if num_faults is None else num_faults
        if not self.faults:
            raise ValueError("an InputError needs at least one fault")
        super().__init__(self.text().en)

    def text(self) -> Text:
        """All faults, one per line, at most `MAX_LISTED_FAULTS` of them."""
        lines = [fault.text() for fault in self.faults[:MAX_LISTED_FAULTS]]
        rest = self.num_faults - len(lines)
        if rest > 0:
            lines.append(Text(f"……另有 {rest} 处", f"… and {rest} more"))
        return Text("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))


class OutputError(WanggeError):
    """A result could not be written. What stood at the place before is untouched."""

    def __init__(self, path: object, reason: str) -> None:
        self.path = str(path)
        self.reason = reason
        super().__init__(self.text().en)

    def text(self) -> Text:
        return Text(
            f"无法写入 {self.path}：{self.reason}。请检查目录是否存在、是否可写、磁盘是否已满",
            f"cannot write {self.path}: {self.reason}. Check that the folder exists, is writable and has space left",
        )
