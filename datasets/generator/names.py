"""Names as a county ledger has them."""

from __future__ import annotations

import numpy as np

FIRST = (
    "锦绣", "阳光", "祥和", "幸福", "金地", "盛世", "安泰", "福源", "龙泰", "御景", "翠湖", "东方",
    "华府", "名都", "丽景", "金水", "瑞丰", "和谐", "康乐", "春晖", "紫金", "凤凰", "世纪", "嘉和",
    "文苑", "学府", "天润", "恒泰", "鑫源", "隆兴",
)  # fmt: skip
NEW = ("花园", "家园", "嘉苑", "华庭", "名邸", "新城", "公馆", "雅居")
OLD = ("小区", "家属院", "公寓楼", "生活区")
EMPLOYERS = (
    "农机厂", "棉纺厂", "供销社", "粮食局", "一中", "县医院", "水利局", "化肥厂", "邮电局", "税务局", "交通局",
    "教育局", "农行", "建筑公司", "工商局", "面粉厂", "电力局", "法院", "二中", "酒厂", "皮毛厂", "供热公司",
)  # fmt: skip
LANES = ("南关", "北关", "东关", "西关", "文庙街", "鼓楼街", "书院街", "老城街", "仓巷", "十字街", "城隍庙", "马号街")

PUBLIC_BUILDINGS = {
    "school": ("第一小学", "第二中学", "实验小学", "第三小学", "职教中心", "第四小学"),
    "market": ("农贸市场", "建材市场", "商贸城", "中心市场"),
    "park": ("人民公园", "文化广场", "体育公园", "滨河公园"),
    "office": ("县政府", "政务服务中心", "公安局", "法院"),
    "hospital": ("县医院", "中医院", "妇幼保健院"),
    "shops": ("购物中心", "百货大楼", "超市"),
    "works": ("仓储物流园", "机械厂", "食品厂"),
}


def name_compounds(uses: list[str], villages: tuple[str, ...], rng: np.random.Generator) -> list[str]:
    """A unique name per compound: villages and old quarters after places, old compounds after employers."""
    pools = {
        "house": [f"{village}村" for village in villages],
        "courtyard": [f"{lane}平房区" for lane in LANES],
        "walkup": _mixed([f"{e}家属院" for e in EMPLOYERS] + [f + o for f in FIRST for o in OLD[::2]], rng)
        + [f + o for f in FIRST for o in OLD[1::2]]
        + [f"{e}第{n}家属院" for n in "二三四" for e in EMPLOYERS],
        "new": _mixed([f + n for f in FIRST for n in NEW], rng),
    }
    taken: set[str] = set()
    names = []
    for use in uses:
        pool = pools.get(use, pools["new"])
        name = next(name for name in pool if name not in taken)
        taken.add(name)
        names.append(name)
    return names


def public_name(use: str, rank: int) -> str:
    """Name of the `rank`-th plot of its use, counted from 0."""
    names = PUBLIC_BUILDINGS[use]
    again = rank // len(names)
    return names[rank % len(names)] + (f"{again + 1}部" if again else "")


def _mixed(names: list[str], rng: np.random.Generator) -> list[str]:
    return [names[position] for position in rng.permutation(len(names)).tolist()]
