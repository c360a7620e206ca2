"""A proximal bundle method: maximise a concave function that is known by values and gradients only.

Every gradient seen is a cut, a linear function above the concave one. The next point maximises the least of the cuts
less the squared distance to the best point, over twice a `length` that grows after steps in the same direction and
shrinks where the cuts promised too much (Kiwiel 1990, doi:10.1007/BF01585731; Hiriart-Urruty & Lemaréchal 1993,
doi:10.1007/978-3-662-06409-2, chapter XV). What the cuts promise tells when nothing is left to gain, which
subgradient steps cannot.
"""

from __future__ import annotations

import numpy as np

from partitioner.model import FloatArray
from partitioner.solver.kernels.bundle import best_shares, products

MAX_CUTS = 80
SERIOUS = 0.1
"""Share of the promised gain that a new best point must bring."""

GOOD = 0.5
"""Share of the promised gain after which a longer step is tried."""

MOST_CHANGE = 10.0
MOST_SHRINK = 1.5
"""Factors by which the length grows and shrinks at most."""

PROMISES = 2.0
PATIENT_STEPS = 8
"""Shorter steps after four steps in vain of which the last was so many times worse than promised, or after so many."""


class Bundle:
    """Cuts around the best point so far.

    Parameters
    ----------
    point : float array, shape (n,)
    value : float
    gradient : float array, shape (n,)
    length : float
        First length of a step, in points per gradient.
    """

    def __init__(self, point: FloatArray, value: float, gradient: FloatArray, length: float) -> None:
        self.best = point
        self.value = value
        self.length = length
        self._gradient = np.zeros((MAX_CUTS + 2, len(point)))
        self._gram = np.zeros((MAX_CUTS + 2, MAX_CUTS + 2))
        self._error = np.zeros(MAX_CUTS + 2)
        self._share = np.zeros(0)
        self._num = 0
        self._trend = 0
        self._direction = gradient
        self._offset = 0.0
        self._longest = length
        self.promised = np.inf
        self._add(gradient, 0.0)

    def next_point(self) -> FloatArray:
        """Where to look next."""
        num = self._num
        share = best_shares(self._gram[:num, :num].copy(), self._error[:num].copy(), self.length)
        self._share = share
        self._direction = np.zeros(len(self.best))
        for i in range(num):
            if share[i] > 0.0:
                self._direction += share[i] * self._gradient[i]
        self._offset = float((share * self._error[:num]).sum())
        self.promised = self.length * self._steepness + self._offset
        return np.asarray(self.best + self.length * self._direction)

    @property
    def hope(self) -> float:
        """About what is left to gain within the longest step so far."""
        return self._longest * self._steepness + self._offset

    @property
    def _steepness(self) -> float:
        return float((self._direction * self._direction).sum())

    def learn(self, point: FloatArray, value: float, gradient: FloatArray) -> None:
        """Take in the value and gradient at the point that `next_point` gave."""
        way = point - self.best
        if value > self.value + SERIOUS * self.promised:
            gain = value - self.value
            num = self._num
            along = (self._gradient[:num] * way).sum(axis=1)
            self._error[:num] = np.maximum(self._error[:num] + along - gain, 0.0)
            self._offset = max(self._offset + float((self._direction * way).sum()) - gain, 0.0)
            self.best, self.value = point, value
            error = 0.0
            self._after_gain(gain / self.promised)
        else:
            error = max(value - float((gradient * way).sum()) - self.value, 0.0)
            self._after_loss((value - self.value) / self.promised, error)
        if self._num > MAX_CUTS - 1:
            self._forget()
        self._add(gradient, error)

    def _after_gain(self, share: float) -> None:
        """Longer steps where the cuts were right about this one, or after several gains (Kiwiel 1990, section 2)."""
        before = self.length
        if share >= GOOD and self._trend > 0:
            self.length = self.length / min(1.0, max(2.0 * (1.0 - share), 1.0 / MOST_CHANGE))
        elif self._trend > 3:
            self.length *= 2.0
        self._trend = max(self._trend + 1, 1) if self.length == before else 1
        self._longest = max(self._longest, self.length)

    def _after_loss(self, share: float, error: float) -> None:
        """Shorter steps where several cuts in turn said nothing about the surroundings of the best point."""
        if (self._trend < -3 and error > PROMISES * self.promised) or self._trend <= -PATIENT_STEPS:
            self.length /= min(max(2.0 * (1.0 - share), 1.0), MOST_SHRINK)
            self._trend = -1
        else:
            self._trend = min(self._trend - 1, -1)

    def _add(self, gradient: FloatArray, error: float) -> None:
        at = self._num
        self._gradient[at] = gradient
        self._error[at] = error
        self._num = at + 1
        row = np.empty(at + 1)
        products(self._gradient, at + 1, at, row)
        self._gram[at, : at + 1] = row
        self._gram[: at + 1, at] = row

    def _forget(self) -> None:
        """Drop the cuts that had no share; where too many had one, keep half of them and their mixture."""
        kept = np.flatnonzero(self._share > 1e-6)
        mixed = len(kept) > MAX_CUTS * 3 // 4
        if mixed:
            kept = np.sort(np.argsort(-self._share, kind="stable")[: MAX_CUTS // 2])
        num = len(kept)
        self._gradient[:num] = self._gradient[kept]
        self._error[:num] = self._error[kept]
        self._gram[:num, :num] = self._gram[np.ix_(kept, kept)]
        self._num = num
        if mixed:
            self._add(self._direction, self._offset)
