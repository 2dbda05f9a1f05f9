"""Zones: polygons on a camera's picture, each with a role."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from tenban.base.errors import BadInput

ZoneRole: TypeAlias = Literal["basket", "scan", "bagging", "operator", "customer", "exit", "mask"]
ROLES: tuple[str, ...] = get_args(ZoneRole)


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon in 0–1 of the picture (x to the right, y downwards) and its role."""

    role: ZoneRole
    polygon: tuple[tuple[float, float], ...]

    @classmethod
    def checked(cls, role: object, polygon: object, *, where: str) -> Zone:
        """Return the zone that untrusted values describe.

        Raises:
            BadInput: unknown role, fewer than three points, a point outside the picture, sides that
                cross, or no area.
        """
        if role not in ROLES:
            raise BadInput(f"{where}.role", expected=" | ".join(ROLES), came=repr(role))
        if not isinstance(polygon, Sequence) or isinstance(polygon, str) or len(polygon) < 3:
            raise BadInput(
                f"{where}.polygon", expected="at least three points [x, y]", came=repr(polygon)[:80]
            )
        points = tuple(_point(point, f"{where}.polygon[{n}]") for n, point in enumerate(polygon))
        if _crosses_itself(points):
            raise BadInput(f"{where}.polygon", expected="sides that do not cross", came=repr(points)[:120])
        if abs(_area(points)) < 1e-5:
            raise BadInput(f"{where}.polygon", expected="an area", came="points on one line")
        return cls(role, points)  # type: ignore[arg-type]  # checked against ROLES above


def _point(point: object, where: str) -> tuple[float, float]:
    if (
        not isinstance(point, Sequence)
        or len(point) != 2
        or not all(isinstance(one, int | float) and math.isfinite(one) for one in point)
    ):
        raise BadInput(where, expected="two numbers [x, y]", came=repr(point)[:80])
    x, y = float(point[0]), float(point[1])
    if not (0 <= x <= 1 and 0 <= y <= 1):
        raise BadInput(
            where, expected="x and y between 0 and 1 (parts of the picture)", came=f"[{x:g}, {y:g}]"
        )
    return x, y


def _area(points: tuple[tuple[float, float], ...]) -> float:
    ends = points[1:] + points[:1]
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, ends, strict=True)) / 2


def _crosses_itself(points: tuple[tuple[float, float], ...]) -> bool:
    sides = list(zip(points, points[1:] + points[:1], strict=True))
    count = len(sides)
    return any(
        _meet(*sides[i], *sides[j])
        for i in range(count)
        for j in range(i + 2, count)
        if not (i == 0 and j == count - 1)
    )


def _meet(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> bool:
    def side(p: tuple[float, float], q: tuple[float, float], r: tuple[float, float]) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
