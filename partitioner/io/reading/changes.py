"""One change of a county as somebody wrote it down: what, to which things, and what it became.

Nothing is looked up here: `changes_made` does that, so that a word on the command line and a row of a file are judged
alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from partitioner.errors import Place

Kind = Literal[
    "new", "demolish", "households", "line", "merge_communities", "split_community", "compound", "barrier", "bridge",
    "special", "bounds",
]  # fmt: skip
"""What can change. `compound`: buildings belong to another compound (merged and split compounds are that)."""

WORDS: dict[Kind, tuple[str, ...]] = {
    "new": ("新增", "新建", "新增楼栋", "new", "add"),
    "demolish": ("拆除", "拆迁", "灭失", "demolish", "demolished", "remove", "gone"),
    "households": ("户数变化", "户数", "户数变动", "改户数", "改造", "households", "converted"),
    "line": ("改线", "划归", "调整社区", "社区界线", "move-line", "move_line", "line"),
    "merge_communities": ("合并", "合并社区", "社区合并", "merge", "merge-communities", "merge_communities"),
    "split_community": ("拆分", "拆分社区", "社区拆分", "新设社区", "split", "split-community", "split_community"),
    "compound": ("小区", "合并小区", "拆分小区", "改小区", "compound", "merge-compounds", "split-compound"),
    "barrier": ("新障碍", "障碍", "阻隔", "新增阻隔", "barrier", "new-barrier"),
    "bridge": ("新桥", "桥", "通道", "新通道", "bridge", "passage"),
    "special": ("专属", "专属网格", "special"),
    "bounds": ("上下限", "户数上下限", "规模", "bounds"),
}
"""What each kind may be called in a file."""

KIND_OF: Mapping[str, Kind] = {word: kind for kind, words in WORDS.items() for word in words}

FIELDS: dict[str, tuple[str, ...]] = {
    "kind": ("类型", "变化类型", "变更类型", "type", "kind", "change"),
    "objects": ("对象", "楼栋", "编号", "楼栋编号", "object", "objects", "id", "ids", "buildings"),
    "value": ("值", "变为", "改为", "现值", "value", "to", "after"),
    "x": ("经度", "x", "lon", "lng", "longitude", "东坐标"),
    "y": ("纬度", "y", "lat", "latitude", "北坐标"),
    "name": ("名称", "楼栋名称", "name"),
    "compound": ("小区", "所属小区", "compound"),
    "community": ("社区", "所属社区", "community"),
    "floors": ("层数", "floors"),
    "stairwells": ("单元数", "stairwells"),
    "residents": ("人口", "人数", "residents"),
    "buildings": ("划出楼栋", "含楼栋", "其中楼栋", "moved_buildings"),
    "sort": ("种类", "障碍种类", "sort"),
    "note": ("备注", "说明", "原因", "note", "reason", "remark"),
}
"""Fields of a change and what their columns may be called."""

_SEPARATOR = re.compile(r"[、，,;；\n]+")


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change.

    Parameters
    ----------
    objects : tuple of str
        What it happens to: ids of buildings, names of compounds or communities, a level.
    value : str
        What becomes of them; empty where the kind needs none.
    more : mapping
        Other fields of `FIELDS` that were filled in.
    """

    kind: Kind
    objects: tuple[str, ...]
    value: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    place: Place = field(default_factory=Place)


def listed(text: str) -> tuple[str, ...]:
    """The entries of a list in one cell, in their order, each once."""
    return tuple(dict.fromkeys(part.strip() for part in _SEPARATOR.split(text) if part.strip()))
