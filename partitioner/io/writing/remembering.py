"""What several writers need of one plan is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

P = TypeVar("P")
R = TypeVar("R")


def remembered(function: Callable[[P], R]) -> Callable[[P], R]:
    """`function` of a plan, whose answer is kept for as long as the plan; the answer must not refer to the plan."""
    known: WeakKeyDictionary[P, R] = WeakKeyDictionary()

    @wraps(function)
    def answer(planned: P) -> R:
        if planned not in known:
            known[planned] = function(planned)
        return known[planned]

    return answer
