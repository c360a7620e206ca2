"""What a layer is for: told by the caller, by its name, or by its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import shapely

from partitioner.errors import Place
from partitioner.io.reading.findings import Findings
from partitioner.io.reading.headings import match_fields, normalised
from partitioner.io.reading.layers import Layer

ROLES = ("buildings", "compounds", "barriers", "communities", "boundary", "staff", "ignore")
CROSSINGS = ("hard", "soft", "open")

CROSSING_OF_KIND = {
    "river": "hard", "water": "hard", "railway": "hard", "expressway": "hard", "road": "soft", "wall": "soft", "bridge": "open",
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
        "道路", "公路", "road", "street", "路网", "干道", "highway", "主干", "次干", "primary", "secondary", "tertiary", "街", "路",
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
    """The key of `declared` that means this layer: `file:layer`, layer, file, or the stem of either. None if none does."""
    wanted = [layer.title, layer.name or "", layer.file, PurePath(layer.file).stem]
    if layer.name is not None:
        wanted.append(f"{PurePath(layer.file).stem}:{layer.name}")
    for name in wanted:
        for key in declared:
            if name and (key == name or key.casefold() == name.casefold() or PurePath(key).name == name):
                return key
    return None


def role_of(layer: Layer, declared: Mapping[str, Role], columns: Mapping[str, str], findings: Findings) -> Role | None:
    """The role of a layer; None where nothing tells it."""
    key = lookup(layer, declared)
    if key is not None:
        role = declared[key]
        if role.name == "barriers" and role.kind is None:
            return Role(name="barriers", kind=kind_of(layer.name or "") or kind_of(layer.file), crossing=role.crossing)
        return role
    for text in (layer.name, PurePath(layer.file).stem):
        role = _role_by_name(text, layer) if text else None
        if role is not None:
            return _checked(role, layer, columns, findings)
    return _role_by_columns(layer, columns, findings)


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


def _role_by_name(text: str, layer: Layer) -> Role | None:
    name = normalised(text)
    for role, parts in _ROLE_NAMES:
        if any(part in name for part in parts):
            return Role(name=role)
    kind = kind_of(text) if layer.shapes is not None else None
    if kind is not None:
        return Role(name="barriers", kind=kind)
    if "障碍" in text or "barrier" in name:
        return Role(name="barriers")
    return None


def _checked(role: Role, layer: Layer, columns: Mapping[str, str], findings: Findings) -> Role:
    """A name may mislead where columns do not: a sheet 小区 with one row per building is a building ledger."""
    if role.name == "compounds" and layer.shapes is None:
        fields = match_fields(layer, "buildings", columns, findings, report=False)
        counted = "buildings" in match_fields(layer, "compounds", columns, findings, report=False)
        if not counted and "households" in fields and ({"stairwells", "floors"} & fields.keys() or "number" in fields):
            return Role(name="buildings")
    return role


def _role_by_columns(layer: Layer, columns: Mapping[str, str], findings: Findings) -> Role | None:
    compound = match_fields(layer, "compounds", columns, findings, report=False)
    building = match_fields(layer, "buildings", columns, findings, report=False)
    if (
        "households" in compound
        and "buildings" in compound
        and not ({"stairwells", "number"} & building.keys() - {"number"})
    ):
        number, buildings = building.get("number"), compound["buildings"]
        if number is None or number == buildings:
            return Role(name="compounds")
    if layer.shapes is not None and not _has_areas_or_points(layer):
        return Role(name="barriers") if match_fields(layer, "barriers", columns, findings, report=False) else None
    if "households" in building:
        return Role(name="buildings")
    return None


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
