"""Time stamps of a third party over the audit log's seals."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from authorities import Authority
from tenban.access.chain import GENESIS, AuditRow, Stamp, make_seal, prove
from tenban.access.keys import SealingKey
from tenban.access.stamps import NotStamped, authorities, request_for
from tenban.base.clock import SECOND
from tenban.base.errors import BadInput

KEY = SealingKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
SEAL = make_seal(KEY, 7, "ab" * 32, 1_000_000)


@pytest.fixture
def authority() -> Authority:
    return Authority()


def test_a_stamp_says_when_the_seal_was_there(authority: Authority, tmp_path: Path) -> None:
    """An answer over the seal, with the nonce, by who is trusted, is a stamp; also when read back."""
    trusted = authorities([authority.trusted(tmp_path)])
    asked = request_for(SEAL)
    stamp = trusted.taken(asked, authority.answer(asked.body))
    assert (stamp.upto_n, stamp.at) == (7, int(authority.at.timestamp()) * SECOND)
    assert trusted.fault(SEAL, stamp) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("nonce", "Nonce"),
        ("hash", "Mismatch"),
        ("refuse", "no time today"),
        ("flip", "expected a time stamp"),
    ],
)
def test_what_is_no_answer_to_this_request_is_refused(
    authority: Authority, tmp_path: Path, wrong: str, why: str
) -> None:
    """Another nonce, another hash, a refusal, and a signature that does not fit."""
    trusted = authorities([authority.trusted(tmp_path)])
    authority.wrong = wrong
    asked = request_for(SEAL)
    with pytest.raises(NotStamped, match=why):
        trusted.taken(asked, authority.answer(asked.body))


def test_an_authority_nobody_trusts_is_refused(authority: Authority, tmp_path: Path) -> None:
    """Its certificate comes with the answer and counts for nothing; a root of the same name neither."""
    trusted = authorities([Authority().trusted(tmp_path)])
    asked = request_for(SEAL)
    with pytest.raises(NotStamped):
        trusted.taken(asked, authority.answer(asked.body))


@pytest.mark.parametrize("content", [b"", b"\x30\x03\x02\x01\x00", b"<html>", bytes(200)])
def test_what_is_no_answer_at_all_is_refused(authority: Authority, tmp_path: Path, content: bytes) -> None:
    """Whatever a port says, it costs one error of this kind."""
    with pytest.raises(NotStamped):
        authorities([authority.trusted(tmp_path)]).taken(request_for(SEAL), content)


def test_any_changed_byte_of_a_stamp_is_found(authority: Authority, tmp_path: Path) -> None:
    """No byte of what was signed, nor of the signature, can be another one; nor the time beside it."""
    trusted = authorities([authority.trusted(tmp_path)])
    asked = request_for(SEAL)
    answer = authority.answer(asked.body)
    good = trusted.taken(asked, answer)
    start = answer.index(authority.said)
    for place in [*range(start, start + len(authority.said)), *range(len(answer) - 60, len(answer))]:
        changed = answer[:place] + bytes([answer[place] ^ 0x55]) + answer[place + 1 :]
        assert trusted.fault(SEAL, replace(good, token=b64encode(changed).decode())) is not None
    assert trusted.fault(SEAL, replace(good, at=good.at + 1)) is not None
    assert trusted.fault(replace(SEAL, at=SEAL.at + 1), good) is not None
    assert trusted.fault(SEAL, replace(good, token="no base64")) is not None


def test_a_log_with_stamps_is_proven(authority: Authority, tmp_path: Path) -> None:
    """Stamps count where they are checked, are told where they are not, and miss their seals."""
    bare = AuditRow(1, 1, "a", "x:y:z", "s", "{}", "")
    row = replace(bare, hash=bare.hash_after(GENESIS))
    seal = make_seal(KEY, 1, row.hash, 5)
    trusted = authorities([authority.trusted(tmp_path)])
    asked = request_for(seal)
    stamp = trusted.taken(asked, authority.answer(asked.body))
    keys = {KEY.key_id: KEY.public}
    proof = prove([row], [seal], keys, [stamp], trusted.fault)
    assert (proof.fault, proof.stamps, proof.stamped_n, proof.stamped_at) == (None, 1, 1, stamp.at)
    assert prove([row], [seal], keys, [stamp]).unchecked == 1
    foreign = authorities([Authority().trusted(tmp_path)])
    fault = prove([row], [seal], keys, [stamp], foreign.fault).fault
    assert fault is not None
    assert fault.what.startswith("the time stamp over row 1 does not hold")
    gone = prove([row], [], keys, [Stamp(1, 5, "")], trusted.fault).fault
    assert gone is not None
    assert "the seal over row 1 is gone" in gone.what


@pytest.mark.parametrize("content", [None, b"", b"nothing"])
def test_a_file_without_a_certificate_is_named(tmp_path: Path, content: bytes | None) -> None:
    """One sentence says which file, and what was expected."""
    if content is not None:
        (tmp_path / "tsa.pem").write_bytes(content)
    with pytest.raises(BadInput, match=r"tsa\.pem"):
        authorities([tmp_path / "tsa.pem"])
