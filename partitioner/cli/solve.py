"""`wangge solve`: problem.json in, plan.json out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from partitioner.cli.options import AsJson, Lang, Quiet, Seed, StepLimit, Threads, TimeLimit, limits_of
from partitioner.cli.progress import ProgressLine, cancel_on_interrupt
from partitioner.cli.speaking import telling_faults, voice
from partitioner.cli.summary import exit_code, tell
from partitioner.model.plan_json import write_plan
from partitioner.model.problem_json import read_problem
from partitioner.solver import solve as solve_problem


def solve(
    problem: Annotated[Path, typer.Argument(help="wangge-problem/1", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="plan.json", show_default=False)],
    time_limit: TimeLimit = None,
    step_limit: StepLimit = None,
    seed: Seed = 0,
    threads: Threads = None,
    lang: Lang = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """求解 problem.json · Solve a problem file and write the plan."""
    speaker = voice(lang, as_json, quiet)
    limits = limits_of(time_limit, step_limit, seed, threads)
    with telling_faults(speaker):
        asked = read_problem(problem)
        with ProgressLine(speaker) as line, cancel_on_interrupt(speaker) as cancel:
            result = solve_problem(asked, limits, line, cancel)
        write_plan(result, output)
        tell(speaker, asked, result, [str(output)])
    raise typer.Exit(exit_code(result))
