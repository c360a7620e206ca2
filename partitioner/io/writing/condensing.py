"""Long lists of notices: the first of each kind, and how many more there are of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from partitioner.errors import Fault, Text


def condensed(faults: Iterable[Fault], most: int) -> list[Text]:
    """At most `most` lines for each rule, in the order given; after the last of them the rest is counted."""
    listed = list(faults)
    total = Counter(fault.rule for fault in listed)
    told: Counter[str] = Counter()
    lines: list[Text] = []
    for fault in listed:
        told[fault.rule] += 1
        if told[fault.rule] <= most:
            lines.append(fault.text())
        rest = total[fault.rule] - most
        if told[fault.rule] == most and rest > 0:
            lines.append(
                Text(f"……同类另有 {rest} 条。[{fault.rule}]", f"… and {rest} more of this kind. [{fault.rule}]")
            )
    return lines
