"""The map of the shop."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenban.sites.floor import arranged
from tenban.sites.model import Register


def registers(*cells: tuple[int, int] | None) -> list[Register]:
    return [Register(f"lane-{n}", "s", str(n), "self", at=cell) for n, cell in enumerate(cells, 1)]


def test_without_places_rows_are_even() -> None:
    """Six registers stand in two rows of three, in their order."""
    found = arranged(registers(*[None] * 6))
    assert list(found.values()) == [(1, 1), (2, 1), (3, 1), (1, 2), (2, 2), (3, 2)]


def test_whoever_has_a_place_keeps_it() -> None:
    """A place from the file stands; the others fill what is free."""
    assert arranged(registers(None, (1, 1), None)) == {"lane-1": (2, 1), "lane-2": (1, 1), "lane-3": (3, 1)}


@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(1, 24), st.integers(1, 24))), max_size=40))
def test_no_two_share_a_cell(cells: list[tuple[int, int] | None]) -> None:
    """However the places are given, every register stands somewhere, alone."""
    seen: set[tuple[int, int]] = set()
    given_cells = [cell for cell in cells if cell is None or not (cell in seen or seen.add(cell))]  # type: ignore[func-returns-value]
    found = arranged(registers(*given_cells))
    assert len(set(found.values())) == len(given_cells)
    assert all(found[f"lane-{n}"] == cell for n, cell in enumerate(given_cells, 1) if cell)
