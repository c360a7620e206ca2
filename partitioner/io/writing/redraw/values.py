"""Two plans side by side, as writers are given them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from partitioner.errors import Text
from partitioner.geometry.county import County
from partitioner.model import IntArray, Labels, Objective
from partitioner.profiles import Level

TOLERANCE = 1e-6
"""Of a total, for saying that it is the best."""


@dataclass(frozen=True, kw_only=True)
class UnitMove:
    """A unit that is in another area than the one that carries on its previous one.

    Parameters
    ----------
    building, title : str
        Id and name of the building that it is or is a part of.
    part : str
        Which part of it, in words; empty for a whole building.
    before, after : str or None
        Codes of its areas; None where it has, or had, none.
    """

    unit: str
    building: str
    title: str
    part: str
    compound: str
    community: str
    households: int
    before: str | None
    after: str | None
    reason: Text


@dataclass(frozen=True, kw_only=True)
class AreaFate:
    """What became of one area: kept, changed, split, merged, new or retired.

    Parameters
    ----------
    code : str or None
        Today; None if it is retired.
    previous : str or None
        The area that it carries on; of a retired one itself.
    gained, lost : int
        Households that came from, and went to, other areas.
    origins, heirs : tuple of (str or None, int)
        Areas that its households came from, or went to, with how many; most first, itself left out.
    """

    code: str | None
    previous: str | None
    fate: str
    households: int
    retained: int
    gained: int
    lost: int
    origins: tuple[tuple[str | None, int], ...]
    heirs: tuple[tuple[str | None, int], ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LevelChange:
    """One level before and after.

    Parameters
    ----------
    name, title
        Of the level, such as grid and 网格.
    cells : object array of Polygon or MultiPolygon, shape (n,)
        Land of the units of today; empty shapes where it is not known.
    before, after : Labels
        Areas of these units.
    households : int array, shape (n,)
    moved : int
        Households that had an area and are not in the one that carries it on.
    moved_bound : int or None
        No lawful plan moves fewer; None in a comparison, which proves nothing.
    worth_before, worth_after : Objective
        By the rules of today; `move` counts from one plan to the other.
    broken_before, broken_after : int
        Broken rules.
    scratch : int or None
        Households that a plan drawn without regard to the previous one would move, if that was tried.
    """

    name: str
    title: Text
    cells: npt.NDArray[np.object_]
    before: Labels
    after: Labels
    households: IntArray
    moves: tuple[UnitMove, ...]
    fates: tuple[AreaFate, ...]
    moved: int
    moved_bound: int | None
    worth_before: Objective
    worth_after: Objective
    broken_before: int
    broken_after: int
    changes: tuple[Text, ...] = ()
    scratch: int | None = None

    @property
    def proved(self) -> bool:
        """Whether it is proved that no fewer households could move."""
        return self.moved_bound is not None and self.moved == self.moved_bound


@dataclass(frozen=True, kw_only=True)
class StaffChange:
    """Posts that a person leaves, takes and keeps, and why if that is known."""

    person: str
    left: tuple[str, ...]
    joined: tuple[str, ...]
    kept: tuple[str, ...] = ()
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """All levels before and after.

    Parameters
    ----------
    name : str
        Of the county or problem.
    county : County or None
        That of today, for the map.
    communities : tuple of (str, Polygon)
        Whose borders are drawn.
    titles : tuple of Text
        What the two sides are called.
    staff : tuple of StaffChange or None
        Everybody whose posts differ; None where a side is not staffed.
    """

    name: str
    county: County | None
    levels: tuple[LevelChange, ...]
    communities: tuple[tuple[str, shapely.Geometry], ...] = ()
    titles: tuple[Text, Text] = (Text("调整前", "before"), Text("调整后", "after"))
    staff: tuple[StaffChange, ...] | None = None

    @property
    def moved(self) -> int:
        """Of all levels together."""
        return sum(level.moved for level in self.levels)


LAWFUL = ("optimal", "feasible")


@dataclass(frozen=True, kw_only=True)
class CurvePoint:
    """One plan of a trade-off: households moved, the other terms, and what no plan that moves as few can beat."""

    moved: int
    quality: float
    bound: float | None
    status: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """A trade-off of one level: points from the fewest moved households to the best quality."""

    level: Level
    county: str
    points: tuple[CurvePoint, ...]
    fewest: int
    best_quality: float | None

    @property
    def remark(self) -> Text | None:
        """Why there is but one point; None where there is something to choose from."""
        if len(self.points) != 1:
            return None
        if self.points[0].status not in LAWFUL:
            return Text(
                "变动所及之处没有找到合规方案，只列出违规最少的方案",
                "no lawful plan was found where the change reaches; the plan that breaks fewest rules is shown",
            )
        quality, best = self.points[0].quality, self.best_quality
        if best is not None and best >= quality * (1 - TOLERANCE):
            return Text(
                "只有一个方案：变动最少的方案也是最好的（已证明），多变动没有好处",
                "there is one plan only: the one with the fewest moves is also the best (proved), and moving more "
                "gains nothing",
            )
        zh, en = "", ""
        if best is not None:
            share = (quality - best) / quality
            zh, en = f"；即使有，其余目标最多低 {share:.2%}", f"; one would be at most {share:.2%} better"
        return Text(
            f"只找到一个方案：多变动也没有找到更好的{zh}",
            f"only one plan was found: none that moves more and is better{en}",
        )
