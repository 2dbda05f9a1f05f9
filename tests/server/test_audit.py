"""Sealing the audit log by the hour."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from authorities import Authority, listening
from tenban.access import queries
from tenban.access.audit import AuditEvent, seal, write_down
from tenban.access.keys import sealing_key
from tenban.access.model import system_actor
from tenban.access.proof import lines_of, prove_log
from tenban.access.stamps import authorities
from tenban.base.fakes import FakeClock
from tenban.db import Database
from tenban.server.audit import SEAL_EVERY_S, Sealer, Stamper, prove_file
from tenban.server.settings import ServeSettings

ACTOR = system_actor("test")


def note(database: Database, subject: str) -> None:
    database.write_now(lambda c: write_down(c, AuditEvent.MEDIA_VIEWED, ACTOR, 7, subject, looked="at it"))


async def test_the_log_is_sealed_each_hour_and_at_the_end(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    """Not before an hour has passed, not twice over the same row, and once more when the server stops."""
    stop = threading.Event()
    sealer = Sealer(database, clock, sealing_key(tmp_path))
    assert await sealer.step() is None
    note(database, "1")
    assert await sealer.step() is not None
    note(database, "2")
    assert await sealer.step() is None
    clock.fast_forward(length_s=SEAL_EVERY_S)
    assert await sealer.step() is not None
    note(database, "3")
    stop.set()
    await sealer.run(stop)
    assert [one.upto_n for one in database.read_now(queries.seals)] == [1, 2, 3]


def stamping_file(folder: Path, authority: Authority, *, allow: str = '"127.0.0.1"') -> Path:
    authority.trusted(folder)
    path = folder / "tenban.toml"
    path.write_text(
        f'[company]\nname = "Example"\n[[shop]]\nid = "ebisu"\nname = "Ebisu"\n[network]\nallow = [{allow}]\n'
        f'[audit]\ntimestamp_url = "{authority.url}"\ntimestamp_certificates = ["tsa.pem"]\n'
    )
    return path


async def test_a_seal_is_stamped_and_the_log_proven_with_it(
    database: Database, clock: FakeClock, tmp_path: Path
) -> None:
    """A real authority is asked once for each seal; whoever has its certificate proves the log offline."""
    key = sealing_key(tmp_path / "keys")
    with listening(Authority()) as authority:
        stamper = Stamper(stamping_file(tmp_path, authority), database, clock)
        assert await stamper.step() is None
        note(database, "1")
        database.write_now(lambda c: seal(c, key, clock.now()))
        made = await stamper.step()
        assert made is not None
        assert await stamper.step() is None
        assert (made.upto_n, stamper.made, authority.asked) == (1, 1, 1)
    trusted = authorities([tmp_path / "tsa.pem"])
    proof = prove_log(database.read_now, {key.key_id: key.public}, trusted.fault)
    assert (proof.fault, proof.stamps, proof.stamped_at) == (None, 1, made.at)
    out = tmp_path / "log.jsonl"
    out.write_bytes(b"".join(lines_of(database.read_now)))
    settings = ServeSettings(tmp_path / "tenban.toml", tmp_path)
    taken = prove_file(out, settings, [tmp_path / "keys" / "audit.pub.pem"], [tmp_path / "tsa.pem"])
    assert (taken.stamps, taken.fault) == (1, None)
    foreign = Authority().trusted(tmp_path)
    assert prove_file(out, settings, [], [foreign]).fault is not None


@pytest.mark.parametrize(
    "wrong", ["nonce", "hash", "refuse", "status", "flip", "down", "foreign", "not allowed"]
)
async def test_without_a_stamp_the_log_goes_on_and_is_stamped_later(
    database: Database, clock: FakeClock, tmp_path: Path, wrong: str
) -> None:
    """Whatever the authority does wrong is counted and keeps nothing; the next good answer covers it all."""
    key = sealing_key(tmp_path / "keys")
    note(database, "1")
    database.write_now(lambda c: seal(c, key, clock.now()))
    with listening(Authority(wrong=wrong)) as authority:
        path = stamping_file(tmp_path, authority)
        good = path.read_text()
        if wrong == "down":
            path.write_text(good.replace(authority.url, "http://127.0.0.1:1/"))
        elif wrong == "foreign":
            Authority().trusted(tmp_path)
        elif wrong == "not allowed":
            stamping_file(tmp_path, authority, allow="")
        stop = threading.Event()

        async def sleep(length_s: float) -> None:
            clock.fast_forward(length_s=length_s)
            if stamper.made or clock.monotonic_s() > 2000:
                stop.set()
            elif stamper.failed == 2 and authority.wrong != "mended":
                assert database.read_now(queries.stamps) == []
                note(database, "2")
                database.write_now(lambda c: seal(c, key, clock.now()))
                authority.wrong = "mended"
                authority.trusted(tmp_path)
                path.write_text(good)

        stamper = Stamper(path, database, clock, sleep)
        await stamper.run(stop)
    assert (stamper.failed, stamper.made) == (2, 1)
    assert [one.upto_n for one in database.read_now(queries.stamps)] == [2]
