"""The audit log in a database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from tenban.access import queries
from tenban.access.audit import AuditEvent, seal, write_down
from tenban.access.chain import Proof, prove
from tenban.access.keys import PRIVATE, public_key, sealing_key
from tenban.access.model import system_actor
from tenban.access.tables import audit
from tenban.base.errors import BadInput
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.db.engine import open_engine

ACTOR = system_actor("test")


def note(database: Database, subject: str, **detail: object) -> None:
    database.write_now(lambda c: write_down(c, AuditEvent.MEDIA_VIEWED, ACTOR, 7, subject, **detail))


def proven(database: Database, folder: Path) -> Proof:
    key = sealing_key(folder)
    return database.read_now(
        lambda c: prove(queries.audit_rows(c), queries.seals(c), {key.key_id: key.public})
    )


def test_what_is_written_down_is_chained(database: Database, tmp_path: Path) -> None:
    """Rows of every kind of detail hold after they were read back."""
    note(database, "still 1", name="佐藤", roles=("a", "b"), many={"z": 1, "a": [None, 2.5]})
    note(database, "x" * 300)
    assert (proven(database, tmp_path).rows, proven(database, tmp_path).fault) == (2, None)


def test_many_writers_make_one_chain(database: Database, database_url: str, tmp_path: Path) -> None:
    """Processes that write at the same time follow one another without a gap."""
    others = [Database(database_url) for _ in range(3)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: note(others[n % 3], f"still {n}"), range(60)))
    for other in others:
        other.close()
    assert (proven(database, tmp_path).rows, proven(database, tmp_path).fault) == (60, None)


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_refuses_to_change_the_log(
    database: Database, database_url: str, statement: str, tmp_path: Path
) -> None:
    """Not even the server's own account changes or deletes a row by mistake."""
    note(database, "still")
    engine = open_engine(database_url, writes=True)
    with pytest.raises(sa.exc.DBAPIError, match="only appended"), engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
    assert proven(database, tmp_path).fault is None


def test_a_seal_is_made_where_something_came(database: Database, clock: FakeClock, tmp_path: Path) -> None:
    """An empty log and one that was sealed already need none."""
    key = sealing_key(tmp_path)
    assert database.write_now(lambda c: seal(c, key, clock.now())) is None
    note(database, "still")
    made = database.write_now(lambda c: seal(c, key, clock.now()))
    assert made is not None
    assert (made.upto_n, made.key_id) == (1, key.key_id)
    assert database.write_now(lambda c: seal(c, key, clock.now())) is None
    note(database, "still")
    assert database.write_now(lambda c: seal(c, key, clock.now())) is not None
    proof = proven(database, tmp_path)
    assert (proof.rows, proof.seals, proof.sealed_n, proof.fault) == (2, 2, 2, None)


def test_a_log_cut_off_at_its_end_is_found(database: Database, tmp_path: Path) -> None:
    """What a seal covered is missed, even where the rows that are left are whole."""
    note(database, "still 1")
    note(database, "still 2")
    key = sealing_key(tmp_path)
    database.write_now(lambda c: seal(c, key, 9))
    with_all = database.read_now(queries.audit_rows)
    fault = prove(with_all[:1], database.read_now(queries.seals), {key.key_id: key.public}).fault
    assert fault is not None
    assert (fault.n, fault.what) == (2, "expected row 2, which a seal covers; the log ends at row 1")


def test_the_log_is_read_in_parts(database: Database) -> None:
    """A long log is read from after any row."""
    for n in range(4):
        note(database, f"still {n}")
    part = database.read_now(lambda c: queries.audit_rows(c, after_n=1, most=2))
    assert [(row.n, row.subject) for row in part] == [(2, "still 1"), (3, "still 2")]
    assert database.read_now(lambda c: c.scalar(sa.select(sa.func.count()).select_from(audit))) == 4


def test_the_key_is_made_once_and_is_for_the_server_alone(tmp_path: Path) -> None:
    """The private half is readable by its owner only; the public half lies beside it."""
    first = sealing_key(tmp_path / "keys")
    assert sealing_key(tmp_path / "keys").key_id == first.key_id
    assert (tmp_path / "keys" / PRIVATE).stat().st_mode & 0o777 == 0o600
    public = public_key(tmp_path / "keys" / "audit.pub.pem")
    assert public.public_bytes_raw() == first.public.public_bytes_raw()


BROKEN = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"  # no secret


@pytest.mark.parametrize("content", [b"", BROKEN])
def test_a_broken_key_is_an_error_that_names_the_file(tmp_path: Path, content: bytes) -> None:
    """It is never replaced in silence: the seals made with it would be of nobody."""
    (tmp_path / PRIVATE).write_bytes(content)
    with pytest.raises(BadInput, match=r"audit\.pem"):
        sealing_key(tmp_path)
