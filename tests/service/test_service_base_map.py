"""A base map is a setting: what is no address of tiles is refused, and pictures may come from its hosts alone."""

from __future__ import annotations

import pytest

from partitioner.errors import InputError
from service.api.page import policy
from service.base_map import BaseMap

TIANDITU = (
    "https://t{0-2}.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&REQUEST=GetTile&TILEMATRIXSET=w"
    "&TILEMATRIX={TileMatrix}&TILEROW={TileRow}&TILECOL={TileCol}&tk=KEY#天地图 GS(2024)0650号"
)


@pytest.mark.parametrize(
    ("template", "sources"),
    [
        ("https://tiles.example/{z}/{x}/{y}.png#© Example", ("https://tiles.example",)),
        ("http://10.0.0.5:8080/{z}/{x}/{-y}.png", ("http://10.0.0.5:8080",)),
        ("https://{a-c}.example/{z}/{x}/{y}", ("https://a.example", "https://b.example", "https://c.example")),
        (TIANDITU, tuple(f"https://t{number}.tianditu.gov.cn" for number in range(3))),
        ("/tiles/{z}/{x}/{y}.png", ()),
    ],
)
def test_pictures_come_from_the_hosts_of_the_base_map_alone(template: str, sources: tuple[str, ...]) -> None:
    base_map = BaseMap(template=template)
    assert base_map.sources == sources
    pictures = policy(base_map).split("img-src ")[1].split(";")[0].split()
    assert pictures == ["'self'", "data:", "blob:", *sources]


@pytest.mark.parametrize(
    "template",
    [
        "https://tiles.example/map.png",
        "https://tiles.example/{z}/{x}.png",
        "ftp://tiles.example/{z}/{x}/{y}.png",
        "tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example;script-src */{z}/{x}/{y}.png",
        "https://{s}.example/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png",
        "https://{9-0}.example/{z}/{x}/{y}.png",
    ],
)
def test_what_is_no_address_of_tiles_is_refused_in_words(template: str) -> None:
    with pytest.raises(InputError, match="base map"):
        BaseMap(template=template)


def test_without_a_base_map_the_page_loads_nothing_from_elsewhere() -> None:
    assert "img-src 'self' data: blob:;" in policy(None)
    assert "http" not in policy(None)
