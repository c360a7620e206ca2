"""Many notices of one kind become few lines that say how many there are."""

from partitioner.errors import Fault, Text
from partitioner.io.writing.condensing import condensed


def fault(rule: str, number: int) -> Fault:
    return Fault(rule=rule, message=Text(f"问题{number}", f"problem {number}"), remedy=Text("改正", "mend it"))


def test_the_first_of_each_kind_are_told_and_the_rest_counted() -> None:
    lines = [text.en for text in condensed([fault("a", 1), fault("b", 2), *(fault("a", k) for k in range(3, 8))], 2)]
    assert lines == [
        "Problem 1. Mend it. [a]",
        "Problem 2. Mend it. [b]",
        "Problem 3. Mend it. [a]",
        "… and 4 more of this kind. [a]",
    ]


def test_short_lists_stay_whole() -> None:
    assert [text.zh for text in condensed([fault("a", 1), fault("a", 2)], 2)] == [
        "问题1。改正。[a]",
        "问题2。改正。[a]",
    ]
