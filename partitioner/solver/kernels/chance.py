"""Pseudo-random numbers whose stream is the same on every machine.

Xorshift64 (Marsaglia 2003, doi:10.18637/jss.v008.i14): integer arithmetic only, so a seed means the same everywhere.
"""

from __future__ import annotations

import math

import numpy as np

from partitioner.compiling import kernel

NUM_WAITS = 4096

# Exponential waiting times by inverse transform; rounded so that another libm gives the same table.
WAITS = np.array([round(-math.log((i + 0.5) / NUM_WAITS), 9) for i in range(NUM_WAITS)])


def make_stream(seed: int, stream: int = 0) -> np.ndarray:
    """State of a stream, shape (1,) uint64, never zero. Different `stream` numbers give independent-looking streams."""
    mask = (1 << 64) - 1
    x = (seed * 0x9E3779B97F4A7C15 + stream * 0xD1B54A32D192ED03 + 0x2545F4914F6CDD1D) & mask
    for _ in range(2):  # splitmix64 finaliser
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & mask
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
        x ^= x >> 31
    return np.array([x or 1], dtype=np.uint64)


@kernel
def below(rng, num):
    """A whole number from 0 to num - 1; num < 2**31."""
    x = rng[0]
    x ^= x << np.uint64(13)
    x ^= x >> np.uint64(7)
    x ^= x << np.uint64(17)
    rng[0] = x
    return (np.int64(x >> np.uint64(33)) * num) >> 31


@kernel
def fraction(rng):
    """A number in [0, 1)."""
    return below(rng, 1 << 30) / 1073741824.0
