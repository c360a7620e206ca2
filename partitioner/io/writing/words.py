"""A result in plain words: what was found, how good it is, why the run ended."""

from __future__ import annotations

from partitioner.errors import Text
from partitioner.model import Result

STOPPED = {
    "proved": Text("已全部证明", "everything was proved"),
    "time_limit": Text("到达时间上限", "the time limit was reached"),
    "step_limit": Text("到达步数上限", "the step limit was reached"),
    "cancelled": Text("被取消", "it was cancelled"),
    "stalled": Text("已无可改进的方法", "no method had anything left to try"),
}
"""Why a run ended."""

STATUS = {
    "optimal": Text("最优方案（已证明）", "best plan (proved)"),
    "feasible": Text("合规方案", "lawful plan"),
    "infeasible": Text("无合规方案（已证明）", "no lawful plan exists (proved)"),
    "unknown": Text("未找到合规方案", "no lawful plan found"),
}
"""The four answers, as headings."""

RULE_NAMES = {
    "labelled": Text("未划入网格", "left out"),
    "size_min": Text("户数不足", "too few households"),
    "size_max": Text("户数超限", "too many households"),
    "connected": Text("网格不连片", "not in one piece"),
    "parent": Text("跨社区", "across communities"),
    "locked": Text("锁定网格被改动", "locked grid changed"),
    "together": Text("应同网格而分开", "to be together, but apart"),
    "apart": Text("应分开而同网格", "to be apart, but together"),
    "max_walk_m": Text("步行距离超限", "too far to walk"),
    "count_min": Text("网格数不足", "too few grids"),
    "count_max": Text("网格数超限", "too many grids"),
}
"""The rules, as a column shows them."""

SMALLEST_GAP = 0.0005
"""Gaps below half of 0.1 % are shown as such, never as 0.0 %."""


def verdict(result: Result) -> Text:
    """One sentence on how good the plan is."""
    if result.status == "optimal":
        return Text(
            "所有规则均满足；已证明没有更好的方案",
            "Every rule holds, and it is proved that no plan is better",
        )
    if result.status == "feasible":
        return _feasible(result.gap)
    if result.status == "infeasible":
        return Text(
            "已证明不存在满足全部规则的方案；这里给出违规最少的方案，原因和办法见下",
            "It is proved that no plan can keep every rule; this is the one that breaks the least, "
            "with reasons and remedies below",
        )
    return Text(
        "在给定时间内没有找到满足全部规则的方案，也没有证明它不存在",
        "No plan that keeps every rule was found in time, nor was it proved that none exists",
    )


def _feasible(gap: float | None) -> Text:
    if gap is None:
        return Text(
            "所有规则均满足；离最优方案多远尚不知道",
            "Every rule holds; how far it is from the best possible plan is not known",
        )
    shown = gap_text(gap)
    return Text(
        f"所有规则均满足；与最优方案的差距至多 {shown}",
        f"Every rule holds; it is at most {shown} from the best possible plan",
    )


def gap_text(gap: float) -> str:
    """`gap` in percent, rounded up so that “at most” stays true."""
    if 0 < gap < SMALLEST_GAP:
        return "0.1 %"
    return f"{-(-gap * 1000 // 1) / 10:.1f} %"


def number(value: float | None, digits: int = 0) -> str:
    """With thin groups of thousands; “—” for None."""
    return "—" if value is None else f"{value:,.{digits}f}"


def short_label(grid: str | None) -> str:
    """A grid's label, or “—” where a rule is not about one grid."""
    return "—" if grid is None else grid


def sentences(*texts: Text) -> Text:
    """The texts as full sentences one after the other."""
    zh = "".join(f"{text.zh.rstrip('。')}。" for text in texts if text.zh)
    en = " ".join(f"{text.en[:1].upper()}{text.en[1:].rstrip('.')}." for text in texts if text.en)
    return Text(zh, en)
