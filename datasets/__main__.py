"""`python -m datasets CASE -o DIR` writes a case's files; `python -m datasets --list` names the cases."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from datasets.cases import case_names, case_roster, case_settings
from datasets.generator.ledgers import write_files
from datasets.generator.roster import write_roster
from datasets.generator.town import build_town


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when the files are written, 2 when the request cannot be met."""
    parser = argparse.ArgumentParser(prog="python -m datasets", description="Write the files of a generated town.")
    parser.add_argument("case", nargs="?", choices=case_names(), help="which town")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="folder for the files")
    parser.add_argument("--seed", type=int, help="another town of the same kind (default: the case's own seed)")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    options = parser.parse_args(arguments)
    if options.list:
        sys.stdout.write("".join(f"{name}\t{case_settings(name).place.name}\n" for name in case_names()))
        return 0
    if options.case is None or options.output is None:
        parser.error("a case and -o DIR are needed, or --list")
    settings = case_settings(options.case)
    if options.seed is not None:
        settings = dataclasses.replace(settings, seed=options.seed)
    try:
        town = build_town(settings)
        paths = write_files(town, options.output)
        roster = write_roster(town, case_roster(options.case), options.output)
        paths += [] if roster is None else [roster]
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{options.case}: {error}\n")
        return 2
    sys.stdout.write("".join(f"{path}\n" for path in paths))
    return 0


if __name__ == "__main__":
    sys.exit(main())
