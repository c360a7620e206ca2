"""The page of a planned folder: one HTML document, nothing loaded from elsewhere. Chinese first, English after it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from statistics import median
from typing import Any

from partitioner.errors import Text
from partitioner.io.writing.words import RULE_NAMES, STATUS, STOPPED, gap_text, number
from service.folder.planned import PlannedFolder, purpose_of

MAX_VIOLATIONS = 50

STYLE = """
body { font: 16px/1.5 "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; margin: 0 auto; max-width: 72rem;
  padding: 1rem 1.25rem 3rem; color: #1d2733; background: #fff }
h1 { font-size: 1.6rem; margin: .3rem 0 0 } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem }
small { color: #5b6875; font-weight: normal; margin-left: .35em }
.verdict { border-left: 5px solid #2f7d4f; padding: .3rem .8rem; margin: .8rem 0; background: #f1f7f3 }
.verdict.bad { border-color: #b3372f; background: #fbf1f0 }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: .6rem 1.5rem; margin: 0 }
dt { font-size: .85rem } dd { margin: 0; font-size: 1.2rem; font-variant-numeric: tabular-nums }
img { width: 100%; height: auto; border: 1px solid #d6dce2 }
.wide { overflow-x: auto; max-height: 34rem; overflow-y: auto; border: 1px solid #d6dce2 }
table { border-collapse: collapse; width: 100%; font-size: .9rem }
th, td { padding: .3rem .6rem; text-align: left; border-bottom: 1px solid #e4e8ec; vertical-align: top }
th { position: sticky; top: 0; background: #f4f6f8; white-space: nowrap } th small { display: block; margin: 0 }
.n { text-align: right; font-variant-numeric: tabular-nums } tr.bad td { background: #fbf1f0 }
"""

GRID_COLUMNS: dict[str, Text] = {
    "code": Text("网格编码", "code"),
    "community": Text("社区", "community"),
    "households": Text("户数", "households"),
    "deviation": Text("与目标之差", "off target"),
    "buildings": Text("楼栋", "buildings"),
    "compounds": Text("小区", "compounds"),
    "mean_walk_m": Text("平均步行（米）", "mean walk, m"),
    "violations": Text("违规", "violations"),
}
_NUMERIC = ("households", "deviation", "buildings", "mean_walk_m")


def page(folder: PlannedFolder) -> str:
    """The whole document."""
    title = escape(folder.name)
    parts = [
        f"<h1>{title}{_small('grid plan')}</h1>",
        _verdict(folder.plan),
        f"<dl>{''.join(_figure(label, value) for label, value in figures(folder))}</dl>",
        _picture(folder),
        _violations("违规", "violations", folder.plan.get("violations") or []),
        _violations("提示", "warnings", folder.plan.get("warnings") or []),
        _grids(folder.grids),
        _downloads(folder.files),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title} · 网格方案</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>\n" + "\n".join(part for part in parts if part) + "\n</body></html>\n"
    )


def figures(folder: PlannedFolder) -> list[tuple[Text, str]]:
    """The key figures, in the order of the page; a figure that is not known is “—”."""
    plan = folder.plan
    objective = plan.get("objective") or {}
    labels = {label for label in plan["grid"] if label is not None}
    sizes = [row["households"] for row in folder.grids if isinstance(row.get("households"), int)]
    return [
        (Text("网格数", "grids"), number(len(labels))),
        (Text("住人楼栋", "inhabited buildings"), number(len(plan["grid"]))),
        (Text("户数", "households"), number(sum(sizes)) if sizes else "—"),
        (Text("每格户数 最小–中位–最大", "per grid, min–median–max"), _span(sizes)),
        (Text("目标值", "objective"), number(objective.get("total"))),
        (Text("下界", "bound"), number(plan.get("bound"))),
        (Text("与最优的差距", "gap"), "—" if plan.get("gap") is None else f"≤ {gap_text(plan['gap'])}"),
        (Text("违规", "violations"), number(len(plan.get("violations") or []))),
        (Text("求解用时（秒）", "seconds of solving"), number(plan.get("seconds"), 1)),
        (Text("程序", "engine"), str(plan.get("engine") or "—")),
    ]


def failure(message: Text) -> str:
    """A page that says what is wrong."""
    lines = "".join(f"<p>{escape(line)}</p>" for text in (message.zh, message.en) for line in text.splitlines())
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>网格方案</title>'
        f"<style>{STYLE}</style></head><body><h1>无法显示{_small('cannot be shown')}</h1>{lines}</body></html>\n"
    )


def _small(en: str) -> str:
    return f'<small lang="en">{escape(en)}</small>'


def _figure(label: Text, value: str) -> str:
    return f"<div><dt>{escape(label.zh)}{_small(label.en)}</dt><dd>{escape(value)}</dd></div>"


def _span(sizes: Sequence[int]) -> str:
    return f"{min(sizes)} – {median(sizes):.0f} – {max(sizes)}" if sizes else "—"


def _verdict(plan: dict[str, Any]) -> str:
    status = STATUS.get(plan.get("status", ""), Text("未注明状态", "no status given"))
    stopped = STOPPED.get(plan.get("stop_reason", ""))
    zh, en = status.zh, status.en
    if stopped is not None:
        zh, en = f"{zh}；{stopped.zh}", f"{en}; {stopped.en}"
    mood = "" if plan.get("status") in ("optimal", "feasible") else " bad"
    return f'<p class="verdict{mood}">{escape(zh)}{_small(en)}</p>'


def _picture(folder: PlannedFolder) -> str:
    picture_file, sheet = folder.overview, folder.overview.replace(".png", ".pdf")
    if picture_file not in folder.files:
        return f"<p>目录中没有总图{_small('no overview map in the folder')}</p>"
    picture = f'<img src="/files/{picture_file}" alt="总图 · overview map">'
    return f"<h2>总图{_small('overview map')}</h2>" + (
        f'<a href="/files/{sheet}">{picture}</a>' if sheet in folder.files else picture
    )


def _violations(zh: str, en: str, violations: Sequence[dict[str, Any]]) -> str:
    if not violations:
        return ""
    lines = [
        f"<li>{escape(str(v.get('grid') or '—'))}：{escape(str(v.get('message') or v.get('rule', '')))}"
        f"<br>→ {escape(str(v.get('remedy') or '—'))}</li>"
        for v in violations[:MAX_VIOLATIONS]
    ]
    rest = len(violations) - len(lines)
    more = f"<p>另有 {rest} 条，见台账{_small(f'{rest} more: see the ledger')}</p>" if rest > 0 else ""
    return f"<h2>{zh}{_small(en)}</h2><ul>{''.join(lines)}</ul>{more}"


def _grids(grids: Sequence[dict[str, Any]]) -> str:
    heading = f"<h2>网格{_small('grids')}</h2>"
    if not grids:
        return f"{heading}<p>目录中没有 grids.geojson{_small('no grids.geojson in the folder')}</p>"
    heads = "".join(
        f'<th{_class(key)}>{escape(text.zh)}<small lang="en">{escape(text.en)}</small></th>'
        for key, text in GRID_COLUMNS.items()
    )
    rows = "".join(_grid(row) for row in grids)
    return f'{heading}<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'


def _grid(row: dict[str, Any]) -> str:
    cells = "".join(f"<td{_class(key)}>{escape(_cell(key, row.get(key)))}</td>" for key in GRID_COLUMNS)
    mark = ' class="bad"' if row.get("violations") else ""
    return f"<tr{mark}>{cells}</tr>"


def _class(key: str) -> str:
    return ' class="n"' if key in _NUMERIC else ""


def _cell(key: str, value: object) -> str:
    if value is None:
        return ""
    if key == "violations":
        known = [RULE_NAMES.get(rule) for rule in str(value).split("; ")]
        return "；".join(str(text) for text in known if text is not None) or str(value)
    if isinstance(value, int | float):
        return f"{value:+,.0f}" if key == "deviation" else number(value)
    return str(value)


def _downloads(files: Sequence[str]) -> str:
    purposes = {name: purpose_of(name) for name in files}
    links = "".join(
        f'<li><a href="/files/{name}" download>{name}</a>　{escape(purpose.zh)}{_small(purpose.en)}</li>'
        for name, purpose in purposes.items()
    )
    return f"<h2>下载{_small('downloads')}</h2><ul>{links}</ul>"
