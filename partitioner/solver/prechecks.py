"""Proofs, by counting alone, that no lawful plan exists: each names its reason and a remedy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from partitioner.errors import Text
from partitioner.model import IntArray, Problem, Violation
from partitioner.solver.pieces import Area, components_of


def count_range(households: int, low: int, high: int, units: int) -> tuple[int, int]:
    """Fewest and most grids that `households` in `units` units allow; empty (fewest > most) where none fits."""
    fewest = max(1, -(-households // high))
    most = min(units, households // low) if low > 0 else units
    return fewest, most


def impossible(
    problem: Problem, areas: Sequence[Area], together: Sequence[tuple[int, ...]]
) -> dict[int, list[Violation]]:
    """Reasons why parts of `problem` cannot be planned lawfully.

    Returns
    -------
    dict
        From the lowest unit of a connected part to its reasons; parts without any are missing. Reasons about a whole
        area stand at the lowest unit of its first part.
    """
    found: dict[int, list[Violation]] = {}
    sets = {members[0]: members for members in together}
    for area in areas:
        for part in area.components:
            reasons = [*_too_large(problem, part, [sets[unit] for unit in part.tolist() if unit in sets])]
            pockets = _pockets(problem, part)
            for pocket in pockets:
                reasons += _no_number_fits(problem, area, pocket, cut_off=len(pocket) < len(part))
            if reasons:
                found[int(part[0])] = reasons
        reasons = [*_counts(problem, area), *_apart(problem, area)]
        if reasons:
            found.setdefault(int(area.components[0][0]), []).extend(reasons)
    return found


def counted(num: int) -> str:
    """`num` units, in words for English messages."""
    return "1 unit" if num == 1 else f"{num} units"


def area_name(problem: Problem, parent: int) -> Text:
    """How messages name an area."""
    if parent < 0:
        return Text("未分社区的区域", "the area without a parent")
    name = problem.units.parent.names[parent]
    return Text(f"“{name}”", f"“{name}”")


def _too_large(problem: Problem, part: IntArray, together: Sequence[tuple[int, ...]]) -> Iterator[Violation]:
    """No unit, and no set of the part that must stay together, may be larger than a grid."""
    high = problem.bounds.max
    households = problem.units.households
    for unit in part[households[part] > high].tolist():
        name, num = problem.units.id[unit], int(households[unit])
        yield Violation(
            rule="size_max",
            grid=None,
            units=(name,),
            amount=num - high,
            message=Text(
                f"楼栋 {name} 有 {num} 户，本身已超过上限 {high} 户",
                f"unit {name} alone has {num} households, more than the {high} a grid may hold",
            ),
            remedy=Text(
                f"请按单元（楼门）或楼层拆分该楼，或把上限提高到 {num}",
                f"cut it by stairwells or floors, or raise max to {num}",
            ),
        )
    for members in together:
        num = int(households[list(members)].sum())
        if num > high and int(households[list(members)].max()) <= high:
            yield Violation(
                rule="together",
                grid=None,
                units=tuple(problem.units.id[u] for u in members),
                amount=num - high,
                message=Text(
                    f"须同格的 {len(members)} 栋楼共 {num} 户，超过上限 {high} 户",
                    f"{len(members)} units that must share a grid have {num} households, more than {high}",
                ),
                remedy=Text("请拆开该组或提高上限", "break the set up or raise max"),
            )


def _pockets(problem: Problem, part: IntArray) -> tuple[IntArray, ...]:
    """What units that are too large for any grid leave of a connected part."""
    large = problem.units.households[part] > problem.bounds.max
    return components_of(problem, part[~large]) if large.any() else (part,)


def _no_number_fits(problem: Problem, area: Area, part: IntArray, *, cut_off: bool) -> Iterator[Violation]:
    """The households of a connected part must fit some whole number of grids."""
    low, high = problem.bounds.min, problem.bounds.max
    num = int(problem.units.households[part].sum())
    fewest, most = count_range(num, low, high, len(part))
    if fewest <= most:
        return
    name = area_name(problem, area.parent)
    units = tuple(problem.units.id[u] for u in part.tolist())
    cut_off = cut_off or len(area.components) > 1
    where_zh = f"{name.zh}中被隔开的 {len(part)} 栋楼" if cut_off else name.zh
    where_en = f"an enclave of {counted(len(part))} in {name.en}" if cut_off else name.en
    if num < low:
        yield Violation(
            rule="size_min",
            grid=None,
            units=units,
            amount=low - num,
            message=Text(
                f"{where_zh}共 {num} 户，不足一个网格的下限 {low} 户",
                f"{where_en} has {num} households, below the minimum of {low} for one grid",
            ),
            remedy=Text(
                "请与相邻区域连通（桥、通道）、并入邻近社区，或降低下限",
                "connect it (bridge, passage), join it to a neighbouring parent, or lower min",
            ),
        )
        return
    grids = max(1, num // high)
    yield Violation(
        rule="size_max",
        grid=None,
        units=units,
        amount=min(num - grids * high, (grids + 1) * low - num),
        message=Text(
            f"{where_zh}共 {num} 户：{grids} 个网格最多 {grids * high} 户，"
            f"{grids + 1} 个网格至少 {(grids + 1) * low} 户",
            f"{where_en} has {num} households: {grids} grids hold at most {grids * high}, "
            f"{grids + 1} at least {(grids + 1) * low}",
        ),
        remedy=Text(
            f"请把上限提高到 {-(-num // grids)}、把下限降到 {num // (grids + 1)}，或与相邻区域调整边界",
            f"raise max to {-(-num // grids)}, lower min to {num // (grids + 1)}, or move a boundary with a neighbour",
        ),
    )


def _counts(problem: Problem, area: Area) -> Iterator[Violation]:
    """The number of grids asked for must be one that the households allow."""
    low, high = problem.bounds.min, problem.bounds.max
    ranges = [count_range(int(problem.units.households[part].sum()), low, high, len(part)) for part in area.components]
    if any(fewest > most for fewest, most in ranges):
        return
    fewest, most = sum(r[0] for r in ranges), sum(r[1] for r in ranges)
    name = area_name(problem, area.parent)
    if area.count_high is not None and area.count_high < fewest:
        yield Violation(
            rule="count_max",
            grid=None,
            units=(),
            amount=fewest - area.count_high,
            message=Text(
                f"{name.zh}至少需要 {fewest} 个未锁定网格，只允许 {area.count_high} 个",
                f"{name.en} needs at least {fewest} grids that are not locked, only {area.count_high} are allowed",
            ),
            remedy=Text(
                f"请把网格数上限提高 {fewest - area.count_high}", f"raise count max by {fewest - area.count_high}"
            ),
        )
    if area.count_low is not None and area.count_low > most:
        yield Violation(
            rule="count_min",
            grid=None,
            units=(),
            amount=area.count_low - most,
            message=Text(
                f"{name.zh}至多能设 {most} 个未锁定网格，要求 {area.count_low} 个",
                f"{name.en} allows at most {most} grids that are not locked, {area.count_low} are required",
            ),
            remedy=Text(f"请把网格数下限降低 {area.count_low - most}", f"lower count min by {area.count_low - most}"),
        )


def _apart(problem: Problem, area: Area) -> Iterator[Violation]:
    """Units that must be apart need as many grids as they are."""
    low, high = problem.bounds.min, problem.bounds.max
    for part in area.components if problem.apart else ():
        fewest, most = count_range(int(problem.units.households[part].sum()), low, high, len(part))
        if fewest > most:
            continue
        here = set(part.tolist())
        for members in problem.apart:
            inside = [u for u in members if u in here]
            if len(inside) > most:
                yield Violation(
                    rule="apart",
                    grid=None,
                    units=tuple(problem.units.id[u] for u in inside),
                    amount=len(inside) - most,
                    message=Text(
                        f"{len(inside)} 栋楼须各在不同网格，此处最多 {most} 个网格",
                        f"{len(inside)} units must all lie in different grids, but at most {most} fit here",
                    ),
                    remedy=Text("请减少须分开的楼栋或降低下限", "ask fewer units to be apart, or lower min"),
                )
