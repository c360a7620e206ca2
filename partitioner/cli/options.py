"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from partitioner.solver import Limits


class Language(StrEnum):
    """In which language a command speaks."""

    ZH = "zh"
    EN = "en"
    BOTH = "both"


TimeLimit = Annotated[
    float | None, typer.Option("--time-limit", min=0.0, metavar="S", help="求解时限（秒）· seconds for solving")
]
StepLimit = Annotated[
    int | None,
    typer.Option("--step-limit", min=0, metavar="N", help="步数上限，结果逐字节可重复 · repeatable to the byte"),
]
Seed = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help="随机种子 · random seed")]
Threads = Annotated[int | None, typer.Option("--threads", min=1, max=256, help="线程数 · default: one per core")]
Lang = Annotated[
    Language | None,
    typer.Option("--lang", envvar="WANGGE_LANG", help="zh、en 或 both · default: the terminal's language"),
]
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出结果 · print the result as JSON")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="不显示进度与摘要 · no progress, no summary")]


def limits_of(time_limit: float | None, step_limit: int | None, seed: int, threads: int | None) -> Limits:
    """The limits of a run.

    Raises
    ------
    typer.BadParameter
        Both limits were given.
    """
    if time_limit is not None and step_limit is not None:
        raise typer.BadParameter(
            "--time-limit 与 --step-limit 只能给一个 · give --time-limit or --step-limit, not both"
        )
    return Limits(time_limit_s=time_limit, step_limit=step_limit, seed=seed, threads=threads, processes=True)
