"""Facts from JSON lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.clock import from_rfc3339
from tenban.base.errors import BadInput
from tenban.findings.facts import Observation, SaleEvent
from tenban.findings.reading import read_fact, read_facts

EVENT = {
    "event_id": "e1",
    "register": "lane-1",
    "sale": "s1",
    "seq": 2,
    "type": "item_registered",
    "rung_at": "2026-11-22T12:05:57.123+09:00",
    "item": {"line": "1", "plu": "4901", "quantity": 2},
}
MOVE = {
    "register": "lane-1",
    "kind": "item_moved",
    "from_zone": "basket",
    "to_zone": "bagging",
    "at": "2026-11-22T12:06:00+09:00",
    "confidence": 0.8,
}


def test_reads_what_a_till_posts() -> None:
    """A sale event of the HTTP contract is read as it is."""
    fact = read_fact(json.dumps(EVENT), where="f:1")
    assert isinstance(fact, SaleEvent)
    assert fact.id == "e1"
    assert fact.occurred_at == fact.received_at == from_rfc3339("2026-11-22T12:05:57.123+09:00")
    assert fact.item is not None
    assert fact.item.quantity == 2


def test_reads_an_observation() -> None:
    """What is not told is taken from what is: proof and beginning at the same instant, named by its place."""
    fact = read_fact(json.dumps(MOVE), where="f:7")
    assert isinstance(fact, Observation)
    assert fact.id == "f:7"
    assert fact.proven_at == fact.started_at == fact.at == fact.received_at


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "f:1: expected a JSON object"),
        ("[]", "f:1: expected a JSON object, got []"),
        ("{}", "f:1: register: expected a value, got nothing"),
        (json.dumps(EVENT | {"type": "sold"}), "f:1: type: expected one of assist_requested"),
        (json.dumps(MOVE | {"kind": "jumped"}), "f:1: kind: expected one of basket_state"),
        (json.dumps(EVENT | {"rung_at": "noon"}), "f:1: occurred_at.rung_at: expected"),
        (json.dumps(EVENT | {"rung_at": "2026-11-22T12:05:57"}), "f:1: rung_at: expected"),
        (json.dumps(EVENT | {"item": None}), "f:1: item: expected the item of item_registered, got nothing"),
        (json.dumps(MOVE | {"confidence": 2}), "f:1: confidence: expected less than or equal to 1, got 2"),
        (json.dumps(MOVE | {"to_zone": None}), "f:1: to_zone: expected the role of a zone, got nothing"),
        ("[" * 100_000, "f:1: expected a JSON object"),
    ],
)
def test_mistakes_name_line_key_expected_and_came(line: str, message: str) -> None:
    """Every mistake says the line, the key, what was expected and what came."""
    with pytest.raises(BadInput) as mistake:
        read_fact(line, where="f:1")
    assert str(mistake.value).startswith(message.replace("occurred_at.rung_at", "rung_at"))


def test_a_bad_line_costs_only_itself() -> None:
    """The lines around a bad one are read, and the bad one is named by its number."""
    facts, mistakes = read_facts([json.dumps(EVENT), "\n", "nonsense", json.dumps(MOVE)], where="f")
    assert len(facts) == 2
    assert [mistake.where for mistake in mistakes] == ["f:3"]


TEXT = st.text('{}[]":,.-019aeT \\\x00あ', max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted({*EVENT, *MOVE, "box", "remains"})), VALUES), st.booleans())
def test_whatever_comes_is_a_fact_or_a_mistake(changed: dict[str, object], event: bool) -> None:  # noqa: FBT001  # drawn
    """Any JSON object is read, or refused with BadInput, and nothing else."""
    line = json.dumps((EVENT if event else MOVE) | changed)
    try:
        assert isinstance(read_fact(line, where="f:1"), SaleEvent | Observation)
    except BadInput as mistake:
        assert mistake.where.startswith("f:1")  # noqa: PT017  # either outcome is right


@given(TEXT)
def test_any_text_is_a_fact_or_a_mistake(line: str) -> None:
    """Any text at all is read, or set aside with BadInput."""
    facts, mistakes = read_facts([line], where="f")
    assert len(facts) + len(mistakes) <= 1
