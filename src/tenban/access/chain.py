"""The chain of the audit log: every row carries a hash over itself and the row before it.

A row that is changed, left out, put in or moved breaks the chain at that place. Cutting rows off the end
leaves a whole, shorter chain; against that, seals say with a signature how far it reached at what time.
Nothing here does I/O: whoever has the rows, the seals and the public keys can prove them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tenban.base.clock import Instant

GENESIS = "0" * 64
"""What stands for the row before the first."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line of the audit log, as it is hashed.

    Attributes:
        n: its number; each row's is larger by one than that of the row before.
        detail: a JSON document, as the text it is kept as.
        hash: SHA-256 over the hash of the row before and this row's content, hexadecimal.
        shop: whose it is; None for the company's, and for rows from before shops were written down.
    """

    n: int
    at: Instant
    actor: str
    event: str
    subject: str
    detail: str
    hash: str
    shop: str | None = None

    def hash_after(self, previous: str) -> str:
        """Return the hash this row must have after a row of that hash."""
        told = [self.n, self.at, self.actor, self.event, self.subject, self.detail]
        # A row without a shop is hashed as rows were before there was one: old logs stay proven.
        content = orjson.dumps(told if self.shop is None else [*told, self.shop])
        return hashlib.sha256(bytes.fromhex(previous) + content).hexdigest()


@dataclass(frozen=True, slots=True)
class Seal:
    """A signature over how far the chain reached.

    Attributes:
        upto_n: number of the last row it covers.
        at: when it was made.
        hash: that row's hash.
        key_id: which key signed, see :func:`key_id`.
        signature: Ed25519 (RFC 8032) over :meth:`text`, hexadecimal.
    """

    upto_n: int
    at: Instant
    hash: str
    key_id: str
    signature: str

    def text(self) -> bytes:
        """Return what is signed."""
        return f"tenban audit seal 1\n{self.upto_n}\n{self.at}\n{self.hash}\n".encode()

    def stamped_text(self) -> bytes:
        """Return what a third party stamps: the head and our signature over it."""
        return self.text() + self.signature.encode()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a time-stamping authority signed over a seal (RFC 3161): the seal was there by then.

    Attributes:
        upto_n: number of the last row the seal covers, which names the seal.
        at: when, by the authority's clock.
        token: the authority's answer as it came, DER in base64.
    """

    upto_n: int
    at: Instant
    token: str


StampCheck: TypeAlias = Callable[[Seal, Stamp], str | None]
"""Says what is wrong with a stamp over a seal; None where nothing is."""


class Signer(Protocol):
    """Whoever can sign."""

    key_id: str

    def sign(self, text: bytes) -> bytes:
        """Return the Ed25519 signature of a text, 64 bytes."""
        ...


def make_seal(signer: Signer, upto_n: int, hash_: str, at: Instant) -> Seal:
    """Return a seal over the chain up to a row."""
    bare = Seal(upto_n, at, hash_, signer.key_id, "")
    return Seal(upto_n, at, hash_, signer.key_id, signer.sign(bare.text()).hex())


def key_id(key: Ed25519PublicKey) -> str:
    """Return the short name of a key: the first 16 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where the log is not as it was written.

    Attributes:
        n: number of the row, or None for what concerns a seal alone.
        what: what was expected and what came.
    """

    n: int | None
    what: str


@dataclass(slots=True)
class Proof:
    """What was found.

    Attributes:
        rows: rows that hold, counted from the first.
        seals: seals that hold.
        head: hash of the last row that holds.
        last_n: its number.
        sealed_n: the last row a valid seal covers; what comes after is chained, not yet signed.
        fault: the first fault, None where all is well.
        stamps: time stamps of a third party that hold.
        stamped_n: the last row such a stamp covers.
        stamped_at: when that stamp was made; all rows up to it were there by then.
        unchecked: time stamps nobody gave a certificate for.
    """

    rows: int = 0
    seals: int = 0
    head: str = GENESIS
    last_n: int = 0
    sealed_n: int = 0
    fault: Fault | None = None
    stamps: int = 0
    stamped_n: int = 0
    stamped_at: Instant | None = None
    unchecked: int = 0


def prove(
    rows: Iterable[AuditRow],
    seals: Iterable[Seal],
    keys: Mapping[str, Ed25519PublicKey],
    stamps: Iterable[Stamp] = (),
    check: StampCheck | None = None,
) -> Proof:
    """Check the whole log; stops at the first fault.

    Args:
        rows: all rows, by number.
        seals: all seals, by the number of the row they cover.
        keys: the public keys that are trusted, by their :func:`key_id`.
        stamps: the time stamps over some of the seals.
        check: checks one of them; None: they are counted and not checked.
    """
    proof = Proof()
    stamped = {stamp.upto_n: stamp for stamp in stamps}
    waiting: Iterator[Seal] = iter(seals)
    seal = next(waiting, None)
    for row in rows:
        proof.fault = _row_fault(proof, row)
        if proof.fault is not None:
            return proof
        proof.rows, proof.head, proof.last_n = proof.rows + 1, row.hash, row.n
        while seal is not None and seal.upto_n <= row.n:
            proof.fault = _seal_fault(proof, seal, keys)
            if proof.fault is not None:
                return proof
            proof.seals, proof.sealed_n = proof.seals + 1, seal.upto_n
            stamp = stamped.pop(seal.upto_n, None)
            if stamp is not None:
                proof.fault = _stamp_fault(proof, seal, stamp, check)
            if proof.fault is not None:
                return proof
            seal = next(waiting, None)
    if seal is not None:
        what = f"expected row {seal.upto_n}, which a seal covers; the log ends at row {proof.last_n}"
        proof.fault = Fault(proof.last_n + 1, what)
    elif stamped:
        lost = min(stamped)
        proof.fault = Fault(None, f"the seal over row {lost} is gone; there is a time stamp over it")
    return proof


def _stamp_fault(proof: Proof, seal: Seal, stamp: Stamp, check: StampCheck | None) -> Fault | None:
    if check is None:
        proof.unchecked += 1
        return None
    why = check(seal, stamp)
    if why is not None:
        return Fault(None, f"the time stamp over row {seal.upto_n} does not hold: {why}")
    proof.stamps, proof.stamped_n, proof.stamped_at = proof.stamps + 1, seal.upto_n, stamp.at
    return None


def _row_fault(proof: Proof, row: AuditRow) -> Fault | None:
    if row.n != proof.last_n + 1:
        return Fault(proof.last_n + 1, f"expected row {proof.last_n + 1}, got row {row.n}")
    if row.hash_after(proof.head) != row.hash:
        return Fault(row.n, f"row {row.n} was changed: its content does not give the hash it carries")
    return None


def _seal_fault(proof: Proof, seal: Seal, keys: Mapping[str, Ed25519PublicKey]) -> Fault | None:
    if seal.upto_n != proof.last_n or seal.hash != proof.head:
        return Fault(seal.upto_n, f"row {seal.upto_n} is not the one its seal was made over")
    key = keys.get(seal.key_id)
    if key is None:
        return Fault(
            None, f"the seal over row {seal.upto_n} is of key {seal.key_id}, which is not among those given"
        )
    try:
        key.verify(bytes.fromhex(seal.signature), seal.text())
    except (InvalidSignature, ValueError):
        # Policy: a signature that does not fit is a finding, not an error of this program.
        return Fault(None, f"the seal over row {seal.upto_n} was changed: its signature does not fit")
    return None
