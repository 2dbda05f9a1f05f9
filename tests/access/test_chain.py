"""The chain of the audit log as such."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from tenban.access.chain import GENESIS, AuditRow, Seal, key_id, make_seal, prove
from tenban.access.keys import SealingKey

KEY = SealingKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEYS = {KEY.key_id: KEY.public}
TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=20)


def chained(contents: list[tuple[int, str, str, str, str]]) -> list[AuditRow]:
    rows: list[AuditRow] = []
    previous = GENESIS
    for n, content in enumerate(contents, start=1):
        bare = AuditRow(n, *content, "")
        previous = bare.hash_after(previous)
        rows.append(replace(bare, hash=previous))
    return rows


ROWS = st.lists(st.tuples(st.integers(0, 2**53), TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=8).map(chained)


def sealed(rows: list[AuditRow], *upto: int) -> list[Seal]:
    return [make_seal(KEY, n, rows[n - 1].hash, n * 1000) for n in upto]


@given(ROWS)
def test_a_log_as_it_was_written_holds(rows: list[AuditRow]) -> None:
    """Every row is proven, and the seal over the last."""
    proof = prove(rows, sealed(rows, len(rows)), KEYS)
    assert (proof.fault, proof.rows, proof.sealed_n, proof.head) == (
        None,
        len(rows),
        len(rows),
        rows[-1].hash,
    )


@given(ROWS, st.data())
def test_any_changed_field_of_any_row_is_found_at_that_row(rows: list[AuditRow], data: st.DataObject) -> None:
    """The first bad row is named, whichever field was changed and however."""
    place = data.draw(st.integers(0, len(rows) - 1))
    field = data.draw(st.sampled_from(["at", "actor", "event", "subject", "detail", "hash"]))
    was = getattr(rows[place], field)
    other = data.draw((st.integers(0, 2**53) if field == "at" else TEXT).filter(lambda value: value != was))
    changed = [*rows[:place], replace(rows[place], **{field: other}), *rows[place + 1 :]]
    proof = prove(changed, sealed(rows, len(rows)), KEYS)
    assert proof.fault is not None
    assert (proof.fault.n, proof.rows) == (place + 1, place)


@given(ROWS.filter(lambda rows: len(rows) > 1), st.data())
def test_a_row_left_out_or_moved_is_found(rows: list[AuditRow], data: st.DataObject) -> None:
    """Neither taking a row away nor exchanging two goes unseen; the seal tells of rows cut off the end."""
    place = data.draw(st.integers(0, len(rows) - 1))
    missing = rows[:place] + rows[place + 1 :]
    assert prove(missing, sealed(rows, len(rows)), KEYS).fault is not None
    swapped = [*rows[1:2], *rows[:1], *rows[2:]]
    assert prove(swapped, sealed(rows, len(rows)), KEYS).fault is not None


def test_a_log_written_anew_is_found_by_its_seal() -> None:
    """Whoever computes all hashes again cannot make the signature."""
    rows = chained([(1, "a", "x:y:z", "s", "{}"), (2, "b", "x:y:z", "s", "{}")])
    seals = sealed(rows, 2)
    forged = chained([(1, "nobody", "x:y:z", "s", "{}"), (2, "b", "x:y:z", "s", "{}")])
    proof = prove(forged, seals, KEYS)
    assert proof.fault is not None
    assert "row 2 is not the one its seal was made over" in proof.fault.what
    other = SealingKey(Ed25519PrivateKey.generate())
    theirs = [make_seal(other, 2, forged[1].hash, 5)]
    fault = prove(forged, theirs, KEYS).fault
    assert fault is not None
    assert other.key_id in fault.what


@pytest.mark.parametrize("field", ["at", "signature"])
def test_a_changed_seal_is_found(field: str) -> None:
    """When it was sealed is signed as well."""
    rows = chained([(1, "a", "x:y:z", "s", "{}")])
    (seal,) = sealed(rows, 1)
    signature = seal.signature[:-1] + ("0" if seal.signature[-1] != "0" else "1")
    bad = replace(seal, at=seal.at + 1) if field == "at" else replace(seal, signature=signature)
    fault = prove(rows, [bad], KEYS).fault
    assert fault is not None
    assert "signature does not fit" in fault.what


def test_a_key_is_named_by_its_own_digest() -> None:
    """The name of a key is the same wherever it is read."""
    assert key_id(KEY.public) == KEY.key_id == "56475aa75463474c"
