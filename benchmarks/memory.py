"""Peak memory of a stretch of a process's life."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")
RESET_PEAK = "5"


def start_peak() -> bool:
    """Forget the peak so far. False where the system cannot: then `peak_mb` tells the peak since the process began."""
    try:
        CLEAR.write_text(RESET_PEAK, encoding="ascii")
    except OSError:
        return False
    return True


def peak_mb() -> int:
    """Most resident memory since `start_peak`, in MB of 2^20 bytes, what earlier stretches still hold included."""
    try:
        lines = STATUS.read_text("utf-8").splitlines()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(most / (2**20 if sys.platform == "darwin" else 2**10))
    return round(next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024)
