"""Where each register stands on the map of the shop: as the shop says, or in rows where it says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import ceil

from tenban.sites.model import Register

MOST_COLUMNS = 4


def arranged(registers: Sequence[Register]) -> dict[str, tuple[int, int]]:
    """Return each register's column and row, counted from 1; no two share a cell.

    Whoever has a place keeps it; the others fill the free cells row by row, in the given order. Without any
    places the rows are as even as they can be: six make three and three.
    """
    placed = {register.id: register.at for register in registers if register.at is not None}
    rows = ceil(len(registers) / MOST_COLUMNS) or 1
    columns = max([ceil(len(registers) / rows), *(column for column, _ in placed.values())])
    taken = set(placed.values())
    free = ((column, row) for row, column in product(range(1, len(registers) + 25), range(1, columns + 1)))
    cells = (cell for cell in free if cell not in taken)
    return {register.id: register.at or next(cells) for register in registers}
