"""A PDF file of pages."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

from partitioner.io.writing.pdf.page import A4, Page, Place
from partitioner.io.writing.pdf.type_face import TypeFace
from partitioner.model.files import replacing

LEVEL = 6
"""Of compression."""

Entry = tuple[int, str]


class Document:
    """Pages in their order, and the type face that they share.

    References
    ----------
    ISO 32000-1:2008, 7.5 (file structure), 9.7.4 (CIDFonts)
    """

    def __init__(self, title: str, *, face: TypeFace | None = None) -> None:
        self.face = TypeFace() if face is None else face
        self._title = title
        self._pages: list[tuple[bytes, Place]] = []
        self._outline: list[Entry] = []

    def __len__(self) -> int:
        return len(self._pages)

    def new_page(self, size: Place = A4) -> Page:
        """A page to draw on; `add` it when it is done."""
        return Page(self.face, size)

    def add(self, page: Page, *, bookmarks: Iterable[str] = ()) -> None:
        """Append a page; `bookmarks` lead to it in the outline."""
        self._outline += [(len(self._pages), bookmark) for bookmark in bookmarks]
        self._pages.append((zlib.compress(page.contents(), LEVEL), page.size))

    def save(self, path: str | Path) -> None:
        """Write the file.

        Raises
        ------
        OutputError
            It cannot be written; what stood there is untouched.
        """
        with replacing(path) as temporary:
            temporary.write_bytes(_file(self._objects()))

    def _objects(self) -> list[bytes]:
        """Catalogue, pages, information and font first; object numbers start at 1."""
        first_page = 10
        kids = " ".join(f"{first_page + 2 * k} 0 R" for k in range(len(self._pages)))
        first_entry = first_page + 2 * len(self._pages)
        outlines = " /Outlines 9 0 R /PageMode /UseOutlines" if self._outline else ""
        objects = [
            f"<< /Type /Catalog /Pages 2 0 R{outlines} >>".encode(),
            f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>".encode(),
            f"<< /Title {_text(self._title)} /Creator {_text('wangge')} >>".encode(),
            *_font(self.face),
            _outline_root(first_entry, len(self._outline)),
        ]
        resources = "<< /Font << /F 4 0 R >> /ExtGState << /Pale << /ca 0.75 /CA 0.75 >> >> >>"
        for k, (contents, (width, height)) in enumerate(self._pages):
            box = f"[0 0 {width:g} {height:g}]"
            objects.append(
                f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources {resources} "
                f"/Contents {first_page + 2 * k + 1} 0 R >>".encode()
            )
            objects.append(_stream(contents, "/Filter /FlateDecode"))
        for k, (page, title) in enumerate(self._outline):
            before = f" /Prev {first_entry + k - 1} 0 R" if k else ""
            after = f" /Next {first_entry + k + 1} 0 R" if k + 1 < len(self._outline) else ""
            target = f"[{first_page + 2 * page} 0 R /Fit]"
            objects.append(f"<< /Title {_text(title)} /Parent 9 0 R /Dest {target}{before}{after} >>".encode())
        return objects


def _outline_root(first: int, num: int) -> bytes:
    if not num:
        return b"<< /Type /Outlines >>"
    return f"<< /Type /Outlines /First {first} 0 R /Last {first + num - 1} 0 R /Count {num} >>".encode()


def _font(face: TypeFace) -> list[bytes]:
    """Objects 4 to 8: font, descendant, descriptor, program, code to character."""
    characters = face.characters()
    widths = " ".join(f"{code} [{width}]" for code, (_, width) in characters.items())
    return [
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{face.name} /Encoding /Identity-H "
        f"/DescendantFonts [5 0 R] /ToUnicode 8 0 R >>".encode(),
        f"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /{face.name} "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
        f"/FontDescriptor 6 0 R /DW 1000 /W [{widths}] >>".encode(),
        f"<< /Type /FontDescriptor /FontName /{face.name} /Flags 4 /FontBBox [-1000 -1048 2928 1808] /ItalicAngle 0 "
        f"/Ascent {face.ascent} /Descent {face.descent} /CapHeight 733 /StemV 80 /FontFile3 7 0 R >>".encode(),
        _stream(zlib.compress(face.embedded(), LEVEL), "/Subtype /CIDFontType0C /Filter /FlateDecode"),
        _stream(zlib.compress(_to_unicode(characters), LEVEL), "/Filter /FlateDecode"),
    ]


def _to_unicode(characters: dict[int, tuple[str, int]]) -> bytes:
    lines = [f"<{code:04X}> <{letter.encode('utf-16-be').hex().upper()}>" for code, (letter, _) in characters.items()]
    blocks = [lines[k : k + 100] for k in range(0, len(lines), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def _stream(contents: bytes, entries: str) -> bytes:
    return f"<< /Length {len(contents)} {entries} >>\nstream\n".encode() + contents + b"\nendstream"


def _text(text: str) -> str:
    return f"<FEFF{text.encode('utf-16-be').hex().upper()}>"


def _file(objects: Iterable[bytes]) -> bytes:
    parts = [b"%PDF-1.5\n%\xe7\xbd\x91\xe6\xa0\xbc\n"]
    offsets, position = [], len(parts[0])
    for number, body in enumerate(objects, start=1):
        block = f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
        offsets.append(position)
        parts.append(block)
        position += len(block)
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    end = f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n{table}"
    end += f"trailer\n<< /Size {len(offsets) + 1} /Root 1 0 R /Info 3 0 R >>\nstartxref\n{position}\n%%EOF\n"
    return b"".join([*parts, end.encode("ascii")])
