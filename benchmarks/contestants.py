"""Who takes part in a comparison: our own runs, and the peers with what they need."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, kw_only=True)
class Peer:
    """One peer.

    Parameters
    ----------
    module : str
        In `benchmarks.peers`; its docstring tells start and parameters.
    package : str
        What must be installed.
    more_grids : int
        Added to the number of grids that it is told.
    threaded : bool
        It uses every core; others run side by side, one per core.
    """

    module: str
    package: str
    more_grids: int = 0
    threaded: bool = False

    @property
    def absent(self) -> str | None:
        """Why it cannot take part, or None."""
        if find_spec(self.package) is None:
            return f"{self.package} is not installed: it comes with the extra “bench”"
        return None


PEERS: dict[str, Peer] = {
    "GerryChain k": Peer(module="gerrychain_bursts", package="gerrychain"),
    "GerryChain k−1": Peer(module="gerrychain_bursts", package="gerrychain", more_grids=-1),
    "GerryChain k+1": Peer(module="gerrychain_bursts", package="gerrychain", more_grids=1),
    "METIS": Peer(module="metis", package="pymetis"),
    "KaHIP": Peer(module="kahip", package="kahip"),
    "spopt max-p": Peer(module="spopt_maxp", package="spopt"),
    "CP-SAT": Peer(module="cpsat", package="ortools", threaded=True),
    "HiGHS": Peer(module="highs", package="highspy", threaded=True),
}

GOAL, TENTH = "ours", "ours, a tenth"
"""Our own parts: with the time of the class's goal, and with a tenth of the peers' time."""
