"""The whole audit log of a database: read in order, written out, proven."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from tenban.access import queries
from tenban.access.chain import AuditRow, Fault, Proof, StampCheck, prove
from tenban.base.errors import TenbanError

FORMAT = "tenban audit log 1"
"""The first line of a log that was written out."""
_AT_ONCE = 5000

Read: TypeAlias = Callable[[Callable[[Connection], Any]], Any]
"""Runs a function with a connection, as ``Database.read_now`` does."""


class UnreadableRowError(TenbanError):
    """A row the database cannot give out.

    Args:
        n: its number.
    """

    def __init__(self, n: int, why: str) -> None:
        super().__init__(f"row {n} cannot be read: {why}")
        self.n = n


def prove_log(read: Read, keys: Mapping[str, Ed25519PublicKey], check: StampCheck | None = None) -> Proof:
    """Prove the audit log of a database, some thousand rows at a time.

    Args:
        read: how the database is read.
        keys: the public keys that are trusted, by :func:`tenban.access.chain.key_id`.
        check: checks a third party's time stamp; None: they are counted alone.
    """
    try:
        return prove(rows_of(read), read(queries.seals), keys, read(queries.stamps), check)
    except UnreadableRowError as error:
        return Proof(error.n - 1, fault=Fault(error.n, str(error)))


def lines_of(read: Read) -> Iterator[bytes]:
    """Yield the log with its seals as lines of JSON, which can be proven elsewhere."""
    yield _line({"format": FORMAT})
    count = 0
    for row in rows_of(read):
        yield _line({"row": dataclasses.asdict(row)})
        count += 1
    for one in read(queries.seals):
        if one.upto_n <= count:  # a seal made while we wrote is over rows that came too late
            yield _line({"seal": dataclasses.asdict(one)})
    for stamp in read(queries.stamps):
        if stamp.upto_n <= count:
            yield _line({"stamp": dataclasses.asdict(stamp)})


def rows_of(read: Read) -> Iterator[AuditRow]:
    """Yield every row by number.

    Raises:
        UnreadableRowError: the database cannot give out a row.
    """
    after_n, most = 0, _AT_ONCE
    while True:
        try:
            some = read(partial(queries.audit_rows, after_n=after_n, most=most))
        except DBAPIError as error:
            # Policy: what cannot be read is a finding; one row at a time tells which it is.
            if most == 1:
                raise UnreadableRowError(after_n + 1, str(error.orig)) from error
            most = 1
            continue
        if not some:
            return
        yield from some
        after_n = some[-1].n


def _line(content: dict[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
