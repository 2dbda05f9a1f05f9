"""One-to-one matching of least cost, in which leaving a row alone has its price.

With prices for staying alone the problem stays a linear assignment: each row gets a column of its own that
stands for "nobody" (Bourgeois and Lassalle, "An extension of the Munkres algorithm for the assignment
problem to rectangular matrices", CACM 14(12), 1971, with dummy columns). SciPy solves it by shortest
augmenting paths (Crouse, "On implementing 2D rectangular assignment algorithms", IEEE TAES 52(4), 2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.optimize import linear_sum_assignment

if TYPE_CHECKING:
    from numpy.typing import NDArray

Costs: TypeAlias = "NDArray[np.float64]"


def match(cost: Costs, alone: Costs) -> list[int | None]:
    """Return for each row the column it goes with, or None where it stays alone.

    The sum of the costs of all pairs and of all rows that stay alone is the least possible; no column is
    taken twice; columns may stay alone for nothing.

    Args:
        cost: rows × columns; ``inf`` where a row and a column can't go together.
        alone: one finite cost per row.
    """
    rows, columns = cost.shape
    partner: list[int | None] = [None] * rows
    able_rows = np.flatnonzero(np.isfinite(cost).any(axis=1)) if columns else np.empty(0, np.intp)
    if not able_rows.size:
        return partner
    able_columns = np.flatnonzero(np.isfinite(cost).any(axis=0))
    nobody = np.full((able_rows.size, able_rows.size), np.inf)
    np.fill_diagonal(nobody, alone[able_rows])
    table = np.hstack([cost[np.ix_(able_rows, able_columns)], nobody])
    for row, column in zip(*linear_sum_assignment(table), strict=True):
        if column < able_columns.size:
            partner[int(able_rows[row])] = int(able_columns[column])
    return partner
