"""What a layer is for: told by the caller, by its name, or by its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

import shapely

from partitioner.errors import Place
from partitioner.io.reading.cells import plain_text
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import match_fields, normalised
from partitioner.io.reading.layers import Layer

ROLES = ("buildings", "compounds", "barriers", "communities", "boundary", "floors", "corridors", "staff", "ignore")
CROSSINGS = ("hard", "soft", "open")

CROSSING_OF_KIND = {
    "river": "hard", "water": "hard", "railway": "hard", "expressway": "hard", "road": "soft", "wall": "soft",
    "bridge": "open",
}  # fmt: skip
"""How each kind of barrier is crossed unless the file or the caller says otherwise."""

KIND_NAMES = {
    "bridge": ("桥", "bridge", "隧道", "tunnel", "过街", "天桥", "地下通道", "underpass", "crossing", "footbridge"),
    "expressway": ("高速", "快速路", "expressway", "motorway", "freeway", "trunk"),
    "railway": ("铁路", "高铁", "轨道", "rail", "railway"),
    "river": ("河", "江", "river", "stream", "canal", "渠", "沟", "运河"),
    "water": ("水", "湖", "water", "lake", "reservoir", "pond", "basin"),
    "wall": ("墙", "围栏", "wall", "fence", "栅栏"),
    "road": (
        "道路", "公路", "road", "street", "路网", "干道", "highway", "主干", "次干", "primary", "secondary",
        "tertiary", "街", "路",
    ),
}  # fmt: skip
"""Parts of names that tell the kind of a barrier, in the order they are tried."""

_ROLE_NAMES = (
    ("staff", ("网格员", "人员", "干部", "staff", "worker", "personnel", "花名册")),
    ("buildings", ("楼栋", "楼宇", "楼房", "房屋", "建筑", "栋", "building", "footprint", "bldg", "houses")),
    ("compounds", ("小区", "compound", "estate", "楼盘")),
    ("communities", ("社区", "communit", "村居", "居委会")),
    (
        "boundary",
        (
            "边界",
            "boundar",
            "outline",
            "commune",
            "县界",
            "区界",
            "界线",
            "行政区",
            "范围",
            "perimeter",
            "border",
            "county",
        ),
    ),
)

_STAIRWELL_NAMES = ("单元", "楼层", "楼门", "stairwell")
_CORRIDOR_NAMES = ("连廊", "corridor")

_UNNAMED = re.compile(r"(sheet|工作表|表|layer|feature)s?\s*\d*", re.IGNORECASE)
"""Names that programs give."""


@dataclass(frozen=True, kw_only=True)
class Role:
    """What a layer is for; `kind` and `crossing` only for barriers, None where the rows say it."""

    name: str
    kind: str | None = None
    crossing: str | None = None


def read_roles(declared: Mapping[str, str], findings: Findings) -> dict[str, Role]:
    """Declared roles such as ``buildings``, ``barriers:hard`` or ``barriers:soft:road``; wrong ones become faults."""
    roles = {}
    for target, text in declared.items():
        parts = [part.strip().casefold() for part in text.split(":")]
        name, extras = parts[0], parts[1:]
        crossing = next((part for part in extras if part in CROSSINGS), None)
        kinds = [part for part in extras if part not in CROSSINGS]
        if name not in ROLES or len(kinds) > 1 or (extras and name != "barriers"):
            findings.fault("role_unknown", Place(file=target), text, roles=", ".join(ROLES))
            continue
        roles[target] = Role(name=name, kind=kinds[0] if kinds else None, crossing=crossing)
    return roles


def lookup(layer: Layer, declared: Mapping[str, object]) -> str | None:
    """The key of `declared` that means this layer: `file:layer`, layer, file, or its stem. None if none does."""
    wanted = [layer.title, layer.name or "", layer.file, PurePath(layer.file).stem]
    if layer.name is not None:
        wanted.append(f"{PurePath(layer.file).stem}:{layer.name}")
    for name in wanted:
        for key in declared:
            if name and (key == name or key.casefold() == name.casefold() or PurePath(key).name == name):
                return key
    return None


def role_of(
    layer: Layer, declared: Mapping[str, Role], columns: Mapping[str, str], findings: Findings, *, alone: bool = True
) -> Role | None:
    """The role of a layer; None where nothing tells it.

    Declared roles come first, then the name of the layer, then its columns, then the name of the file: which speaks for
    a layer only if that is `alone` in it, or has no name of its own (Sheet1).
    """
    key = lookup(layer, declared)
    if key is not None:
        return _with_kind(declared[key], layer)
    stem = PurePath(layer.file).stem
    own_name = stem if layer.name is None else layer.name
    role = _role_by_name(own_name, layer, columns, findings) or _role_by_columns(layer, columns, findings)
    if role is None and layer.name is not None and (alone or _UNNAMED.fullmatch(layer.name)):
        role = _role_by_name(stem, layer, columns, findings)
    return role


def _with_kind(role: Role, layer: Layer) -> Role:
    """Barriers of no declared kind have the kind that their name tells."""
    if role.name != "barriers" or role.kind is not None:
        return role
    return replace(role, kind=kind_of(layer.name or "") or kind_of(PurePath(layer.file).stem))


def kind_of(text: str) -> str | None:
    """The kind of barrier that a layer name or a cell tells; None if none."""
    words = re.split(r"[^a-z一-鿿]+", text.casefold())
    for kind, names in KIND_NAMES.items():
        for name in names:
            # Latin names must begin a word: "rail" tells a railway, "trail" does not.
            if name.isascii() and any(word.startswith(name) for word in words):
                return kind
            if not name.isascii() and name in text:
                return kind
    return None


def _role_by_name(text: str, layer: Layer, columns: Mapping[str, str], findings: Findings) -> Role | None:
    name = normalised(text)
    if any(part in name for part in _CORRIDOR_NAMES) and layer.shapes is None:
        return Role(name="corridors")
    if any(part in name for part in _STAIRWELL_NAMES) and _counts_stairwells(layer, columns, findings):
        return Role(name="floors")
    role = next((role for role, parts in _ROLE_NAMES if any(part in name for part in parts)), None)
    building = match_fields(layer, "buildings", columns, findings, report=False)
    if role == "compounds":
        # A name may mislead where columns do not: a sheet 小区 with one row per building is a building ledger, and
        # outlines of compounds without households are neither.
        counted = "buildings" in match_fields(layer, "compounds", columns, findings, report=False)
        if not counted and "households" in building and {"stairwells", "floors", "number"} & building.keys():
            return Role(name="buildings")
        if layer.shapes is not None and "households" not in building:
            return None
    if role is not None:
        return Role(name=role)
    if layer.shapes is None or "households" in building:
        return None
    kind = kind_of(text)
    return Role(name="barriers", kind=kind) if kind or "障碍" in text or "barrier" in name else None


def _role_by_columns(layer: Layer, columns: Mapping[str, str], findings: Findings) -> Role | None:
    if _counts_stairwells(layer, columns, findings):
        return Role(name="floors")
    compound = match_fields(layer, "compounds", columns, findings, report=False)
    building = match_fields(layer, "buildings", columns, findings, report=False)
    if {"households", "buildings"} <= compound.keys() and building.get("number") in (None, compound["buildings"]):
        return Role(name="compounds")
    if layer.shapes is not None and not _has_areas_or_points(layer):
        return Role(name="barriers") if match_fields(layer, "barriers", columns, findings, report=False) else None
    return Role(name="buildings") if "households" in building else None


def _counts_stairwells(layer: Layer, columns: Mapping[str, str], findings: Findings) -> bool:
    """Whether a table counts households by stairwell or lists rooms: its buildings repeat, what is in them does not.

    A building ledger may have the same headings (单元 and 楼层 as numbers of them), but one row per building.
    """
    found = match_fields(layer, "floors", columns, findings, report=False)
    told = "room" in found or {"stairwell", "households"} <= found.keys()
    if layer.shapes is not None or not told or not len(layer):
        return False
    building = [found[field] for field in ("id", "compound", "number") if field in found]
    part = [found[field] for field in ("stairwell", "floor", "room") if field in found]
    whole = {tuple(plain_text(layer.columns[c][k]) for c in building) for k in range(len(layer))}
    parts = {tuple(plain_text(layer.columns[c][k]) for c in [*building, *part]) for k in range(len(layer))}
    return bool(building) and 1.5 * len(whole) <= len(parts)


def _has_areas_or_points(layer: Layer) -> bool:
    kinds = {int(kind) for kind in shapely.get_type_id(layer.shapes)}
    return bool(kinds & {0, 3, 4, 6})


def seen(layers: Sequence[Layer]) -> str:
    """What was found, for a message: every layer with its headings."""
    shown = []
    for layer in layers[:20]:
        headings = [heading.text for heading in layer.headings]
        rest = f", … {len(headings) - 30} more" if len(headings) > 30 else ""
        shown.append(f"{layer.title} [{', '.join(headings[:30])}{rest}]")
    return "; ".join(shown) or "—"
