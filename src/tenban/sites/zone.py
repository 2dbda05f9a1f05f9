"""Zones: what part of a camera's picture is what.

A zones file reads ``{"zones": [{"role": "bagging", "polygon": [[x, y], …]}]}`` with x and y in 0–1 of
the picture, from its upper left corner.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import combinations
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from tenban.base.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

Role: TypeAlias = Literal["basket", "scan", "bagging", "operator", "customer", "exit"]
ROLES: tuple[Role, ...] = get_args(Role)

Point: TypeAlias = tuple[float, float]

_SMALLEST_AREA = 1e-4
"""A hundredth of the picture's width by a hundredth of its height: smaller is a slip of the mouse."""


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon on a camera's picture with a role.

    Attributes:
        role: what the place is for.
        polygon: at least three corners (x, y) in 0–1 of the picture, in order, not crossing itself.
    """

    role: Role
    polygon: tuple[Point, ...]


def read_zones(path: Path) -> list[Zone]:
    """Read a zones file.

    Raises:
        BadInput: there is no such file, it is no JSON, or a zone in it is not as it must be.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(str(path), expected="a zones file (JSON, UTF-8)", came=error) from error
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadInput(str(path), expected="JSON", came=error) from error
    return parse_zones(data, where=str(path))


def parse_zones(data: Any, *, where: str) -> list[Zone]:
    """Return the zones that decoded JSON describes.

    Args:
        data: ``{"zones": [...]}`` or the list itself.
        where: the file or key, for the error's sentence.

    Raises:
        BadInput: naming the zone and what came instead.
    """
    entries = data.get("zones") if isinstance(data, dict) else data
    if not isinstance(entries, list) or not entries:
        raise BadInput(where, expected='{"zones": [...]} with at least one zone', came=_short(data))
    return [parse_zone(entry, where=f"{where}: zones[{number}]") for number, entry in enumerate(entries)]


def parse_zone(entry: Any, *, where: str) -> Zone:
    """Return the zone that one decoded entry describes; raises BadInput as :func:`parse_zones`."""
    if not isinstance(entry, dict):
        raise BadInput(where, expected='{"role": …, "polygon": [[x, y], …]}', came=_short(entry))
    role = entry.get("role")
    if role not in ROLES:
        raise BadInput(f"{where}.role", expected=f"one of {', '.join(ROLES)}", came=_short(role))
    corners = entry.get("polygon")
    if not isinstance(corners, list):
        raise BadInput(f"{where}.polygon", expected="a list of [x, y]", came=_short(corners))
    points = [_parse_point(corner, where=f"{where}.polygon[{n}]") for n, corner in enumerate(corners)]
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    check_polygon(points, where=f"{where} ({role})")
    return Zone(role, tuple(points))


def _parse_point(corner: Any, *, where: str) -> Point:
    if not isinstance(corner, (list, tuple)) or len(corner) != 2:
        raise BadInput(where, expected="[x, y]", came=_short(corner))
    for value in corner:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
            raise BadInput(where, expected="two numbers", came=_short(corner))
        if not 0 <= value <= 1:
            raise BadInput(where, expected="x and y within the picture (0 to 1)", came=_short(corner))
    return (float(corner[0]), float(corner[1]))


def check_polygon(points: list[Point], *, where: str) -> None:
    """Check that corners bound a plain area.

    Raises:
        BadInput: fewer than three different corners, sides that cross, or hardly any area.
    """
    if len(set(points)) < 3:
        raise BadInput(where, expected="at least 3 different corners", came=len(set(points)))
    sides = [(points[n], points[(n + 1) % len(points)]) for n in range(len(points))]
    for (i, one), (j, other) in combinations(enumerate(sides), 2):
        neighbours = j - i in {1, len(sides) - 1}
        if not neighbours and _cross(*one, *other):
            came = f"side {i} {one} crossing side {j} {other}"
            raise BadInput(where, expected="a polygon whose sides do not cross", came=came)
    area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in sides)) / 2
    if area < _SMALLEST_AREA:
        raise BadInput(where, expected=f"an area of at least {_SMALLEST_AREA} of the picture", came=area)


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    def between(p: Point, q: Point, r: Point) -> bool:
        return min(p[0], q[0]) <= r[0] <= max(p[0], q[0]) and min(p[1], q[1]) <= r[1] <= max(p[1], q[1])

    abc, abd, cda, cdb = side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)
    if abc * abd < 0 and cda * cdb < 0:
        return True
    touching = ((abc, a, b, c), (abd, a, b, d), (cda, c, d, a), (cdb, c, d, b))
    return any(value == 0 and between(p, q, r) for value, p, q, r in touching)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
