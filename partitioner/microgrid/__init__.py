"""Inside buildings: stairwells and floors as numbers, and the ways between them."""

from partitioner.microgrid.graph import Corridors, SliceGraph, slice_graph
from partitioner.microgrid.ledger import StairwellLedger
from partitioner.microgrid.remainders import remainders, with_remainders
from partitioner.microgrid.slices import Depth, Slices, Stock, cut_slices, slice_ids

__all__ = [
    "Corridors",
    "Depth",
    "SliceGraph",
    "Slices",
    "StairwellLedger",
    "Stock",
    "cut_slices",
    "remainders",
    "slice_graph",
    "slice_ids",
    "with_remainders",
]
