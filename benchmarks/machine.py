"""What a measurement depends on beside the code: machine, versions, load, commit."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PACKAGES = ("numpy", "scipy", "numba", "ortools", "shapely", "geopandas", "pyogrio", "matplotlib")
MEASURED = ("partitioner", "service", "datasets", "benchmarks")
"""Folders whose uncommitted changes make a commit id untrue."""

KEPT = (":!benchmarks/results", ":!benchmarks/RESULTS.md")
"""What every run changes."""


def conditions() -> dict[str, Any]:
    """The head of a run; its load is that of the minute before."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes").replace("+00:00", "Z"),
        "commit": commit(),
        "uncommitted": uncommitted(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in PACKAGES},
        "load": load(),
    }


def load() -> float:
    """Mean number of running processes over the last minute."""
    return round(os.getloadavg()[0], 2)


def commit() -> str:
    """The short id of the commit, or "none" outside a checkout."""
    return _git("rev-parse", "--short", "HEAD").strip() or "none"


def uncommitted() -> list[str]:
    """Changed files in what is measured, sorted."""
    return sorted(line[3:] for line in _git("status", "--porcelain", "--", *MEASURED, *KEPT).splitlines())


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def processor() -> str:
    """The processor's own name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
