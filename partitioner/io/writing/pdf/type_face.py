"""The type face of the maps inside a PDF: widths, character codes, and the subset that is embedded."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from partitioner.io.writing.overview.style import font_path

MISSING = (0, 1000)
"""Code and width of the box that stands for a character that the type face lacks."""

TAG = "WANGGE+"
"""Marks a font that holds only some of its characters."""


class TypeFace:
    """The map's type face, which remembers the characters that were asked for.

    Its glyphs are named by their position in the Adobe collection (``cid00020``); these numbers are the codes that the
    pages use, so that pages can be written before the subset is known.
    """

    name = f"{TAG}NotoSansCJKsc-Regular"

    def __init__(self, path: Path | None = None) -> None:
        self._file = (font_path() if path is None else path).read_bytes()
        self._font = TTFont(BytesIO(self._file), lazy=True)
        self._names: dict[int, str] = self._font.getBestCmap()
        self._widths = self._font["hmtx"]
        self._known: dict[str, tuple[int, int]] = {}
        self._texts: dict[str, tuple[str, int]] = {}
        self.ascent, self.descent = int(self._font["hhea"].ascent), int(self._font["hhea"].descent)

    def _look_up(self, character: str) -> tuple[int, int]:
        found = self._known.get(character)
        if found is None:
            name = self._names.get(ord(character))
            found = MISSING if name is None else (int(name[3:]), int(self._widths[name][0]))
            self._known[character] = found
        return found

    def _set(self, text: str) -> tuple[str, int]:
        """Codes and width; most texts on sheets are short and stand there many times."""
        found = self._texts.get(text)
        if found is None:
            glyphs = [self._look_up(character) for character in text]
            found = ("".join(f"{code:04X}" for code, _ in glyphs), sum(width for _, width in glyphs))
            self._texts[text] = found
        return found

    def encoded(self, text: str) -> str:
        """The codes of `text`, four hexadecimal digits each."""
        return self._set(text)[0]

    def width(self, text: str, size: float) -> float:
        """Of `text` at `size` points, in points."""
        return self._set(text)[1] * size / 1000

    def characters(self) -> dict[int, tuple[str, int]]:
        """From code to character and width in thousandths of the size, sorted; what was used so far."""
        used = {code: (character, width) for character, (code, width) in sorted(self._known.items()) if code}
        return dict(sorted(used.items()))

    def embedded(self) -> bytes:
        """A bare CFF font with the characters used so far."""
        options = subset.Options(layout_features=[], name_IDs=[], hinting=False, notdef_outline=True)
        options.desubroutinize = True
        options.drop_tables += ["BASE", "GPOS", "GSUB", "VORG", "vhea", "vmtx", "DSIG"]
        font = TTFont(BytesIO(self._file), lazy=True)
        wanted = subset.Subsetter(options)
        wanted.populate(unicodes=[ord(character) for character, (code, _) in self._known.items() if code])
        wanted.subset(font)
        contents: bytes = font["CFF "].compile(font)
        return contents
