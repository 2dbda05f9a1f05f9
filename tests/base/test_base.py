"""Clocks, spans, identifiers, money."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import SECOND, from_rfc3339, to_rfc3339
from tenban.base.errors import BadInput
from tenban.base.ids import new_id, short_id
from tenban.base.money import Money
from tenban.base.span import Span

INSTANTS = st.integers(min_value=0, max_value=4_102_444_800 * SECOND)


@given(INSTANTS)
def test_an_instant_survives_its_text(at: int) -> None:
    """Writing an instant as RFC 3339 and reading it again gives the same instant."""
    assert from_rfc3339(to_rfc3339(at)) == at


def test_a_time_without_offset_is_refused() -> None:
    """A time that does not say its offset could mean any instant."""
    with pytest.raises(ValueError, match="offset"):
        from_rfc3339("2026-11-22T12:05:57")


def test_an_offset_is_honoured() -> None:
    """Noon in Tokyo is three o'clock UTC."""
    assert to_rfc3339(from_rfc3339("2026-11-22T12:00:00+09:00")) == "2026-11-22T03:00:00.000000Z"


@given(st.lists(INSTANTS, min_size=2, max_size=20))
def test_identifiers_sort_by_time(instants: list[int]) -> None:
    """Identifiers made at later milliseconds sort after those made earlier, and are UUIDs of version 7."""
    instants = sorted({at // 1000 * 1000 for at in instants})
    made = [new_id(at) for at in instants]
    assert made == sorted(made)
    assert all(uuid.UUID(one).version == 7 for one in made)
    seconds = sorted({at // SECOND * SECOND for at in instants})
    short = [short_id(at) for at in seconds]
    assert short == sorted(short)
    assert {len(one) for one in short} <= {13}


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(1234567), "¥1,234,567"),
        (Money(-198), "-¥198"),
        (Money(123456, "USD"), "$1,234.56"),
        (Money(5, "EUR"), "€0.05"),
        (Money(100, "CHF"), "CHF 1.00"),
    ],
)
def test_money_is_written_in_its_currency(money: Money, text: str) -> None:
    """Yen has no decimals; others have two."""
    assert str(money) == text


def test_a_span_holds_its_start_and_not_its_end() -> None:
    """Spans are half open, so that spans that follow each other share nothing."""
    span = Span(10, 20)
    assert span.holds(10)
    assert not span.holds(20)
    assert not span.meets(Span(20, 30))
    assert span.meets(Span(19, 30))
    with pytest.raises(ValueError, match="end at or after the start 10, got 9"):
        Span(10, 9)


def test_an_error_says_what_was_expected_and_what_came() -> None:
    """Bad input names the place, what would have been right, and what came."""
    assert str(BadInput("port", expected="1 to 65535", came=0)) == "port: expected 1 to 65535, got 0"
