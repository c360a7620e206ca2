"""Commands and options; the work is done by the modules they call."""

from __future__ import annotations

import sys

import typer

from partitioner import __version__
from partitioner.cli.admin import app as admin
from partitioner.cli.batch import batch
from partitioner.cli.check import check
from partitioner.cli.diff import diff
from partitioner.cli.plan import plan
from partitioner.cli.redraw import redraw
from partitioner.cli.repair import repair
from partitioner.cli.serve import serve
from partitioner.cli.solve import solve
from partitioner.cli.staff import staff

app = typer.Typer(
    name="wangge",
    help="网格划分 · Draw community grids under household bounds and contiguity, and say how good they are.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(plan)
app.command()(solve)
app.command()(check)
app.command()(batch)
app.command()(redraw)
app.command()(diff)
app.command()(repair)
app.command()(serve)
app.command()(staff)
app.add_typer(admin, name="admin")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wangge {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="版本 · version"),
) -> None:
    """Options of all commands."""


def main() -> None:
    """Entry point of the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A ledger's characters must never end a run because a terminal cannot show them.
            stream.reconfigure(errors="replace")
    app()
