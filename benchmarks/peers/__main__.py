"""`python -m benchmarks.peers PEER CASE FOUND ASKED`: run one peer on a stored case, changed as ASKED (JSON) says."""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from pathlib import Path

from benchmarks.memory import peak_mb
from benchmarks.peers.case import read_case
from benchmarks.peers.found import Found


def main(arguments: list[str]) -> None:
    module, stored, record, asked = arguments
    warnings.simplefilter("ignore")
    peer = importlib.import_module(f"benchmarks.peers.{module}")
    case = read_case(Path(stored)).asked(**json.loads(asked))
    # What every peer needs of the case is worked out before its clock starts.
    assert case.cost.shape == (len(case), len(case))
    assert len(case.neighbours) == len(case)
    found = Found(Path(record), case.seconds)
    peer.run(case, found)
    found.end(peak_mb=peak_mb())


if __name__ == "__main__":
    main(sys.argv[1:])
