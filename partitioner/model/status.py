"""What is known of a plan, and why a run ended."""

from __future__ import annotations

from typing import Literal

Status = Literal["optimal", "feasible", "infeasible", "unknown"]
"""What is known of the plan: proved best, lawful, proved that none is lawful, nothing."""

StopReason = Literal["proved", "time_limit", "step_limit", "cancelled", "stalled"]
"""Why the run ended: everything was proved, a limit, the caller, or no method had anything left to try."""
