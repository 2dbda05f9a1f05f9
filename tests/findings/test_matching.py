"""Least-cost matching with a price for staying alone."""

from __future__ import annotations

import itertools
import math
from typing import Any, TypeAlias

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tenban.findings.matching import match

Array: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Table: TypeAlias = tuple[Array, Array]


def total(cost: Array, alone: Array, partner: list[int | None]) -> float:
    return sum(
        float(alone[row]) if column is None else float(cost[row, column])
        for row, column in enumerate(partner)
    )


def brute_force(cost: Array, alone: Array) -> float:
    """Return the least total over every way to pair rows with columns or with nobody."""
    rows, columns = cost.shape
    choices = [*range(columns), *([None] * rows)]
    return min(total(cost, alone, list(way)) for way in set(itertools.permutations(choices, rows)))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    rows, columns = draw(st.integers(0, 4)), draw(st.integers(0, 3))
    cells = st.one_of(st.just(math.inf), st.floats(0, 3))
    cost = np.array(draw(st.lists(cells, min_size=rows * columns, max_size=rows * columns)), np.float64)
    alone = np.array(draw(st.lists(st.floats(0, 3), min_size=rows, max_size=rows)), np.float64)
    return cost.reshape(rows, columns), alone


@given(tables())
def test_no_other_way_is_cheaper(table: Table) -> None:
    """On small tables the total equals the least of all possible ways."""
    cost, alone = table
    partner = match(cost, alone)
    assert math.isclose(total(cost, alone, partner), brute_force(cost, alone), abs_tol=1e-9)


@given(tables())
def test_no_column_is_taken_twice(table: Table) -> None:
    """Each column goes with one row at most, and only where that is allowed."""
    cost, alone = table
    taken = [(row, column) for row, column in enumerate(match(cost, alone)) if column is not None]
    assert len({column for _, column in taken}) == len(taken)
    assert all(math.isfinite(cost[row, column]) for row, column in taken)


def test_nothing_to_match_is_fine() -> None:
    """Without columns every row stays alone; without rows there is nothing."""
    assert match(np.empty((2, 0)), np.ones(2)) == [None, None]
    assert match(np.empty((0, 3)), np.empty(0)) == []
