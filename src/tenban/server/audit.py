"""The audit log at work: sealed each hour, stamped by a third party, written out, proven."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tenban.access import queries
from tenban.access.audit import seal
from tenban.access.chain import AuditRow, Proof, Seal, Signer, Stamp, key_id, prove
from tenban.access.keys import PUBLIC, public_key
from tenban.access.proof import FORMAT, lines_of, prove_log
from tenban.access.stamps import (
    CONTENT_TYPE,
    MOST_BYTES,
    NotStamped,
    authorities,
    authorities_of,
    request_for,
)
from tenban.base.clock import Clock, seconds
from tenban.base.errors import BadInput, TenbanError
from tenban.base.log import get_log
from tenban.db import Database
from tenban.server.outgoing import post
from tenban.server.settings import ServeSettings
from tenban.sites.config import load_sites

log = get_log(__name__)

SEAL_EVERY_S = 3600
STAMP_AGAIN_S = 300.0
"""How long after a refusal the authority is asked again."""
PATIENCE_S = 15.0
_LOOK_S = 1.0
"""A server that is restarted waits for this, and records nothing meanwhile."""
_AGENT = "Tenban-Audit/1"


@dataclass(slots=True)
class Sealer:
    """Signs once an hour how far the audit log reaches, and when the server stops.

    Attributes:
        failed: tries the database did not answer; each is made again.
    """

    db: Database
    clock: Clock
    signer: Signer
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    failed: int = 0

    async def run(self, stop: threading.Event) -> None:
        """Seal when it is time, until told to stop."""
        while not stop.is_set():
            try:
                await self.step()
            except TenbanError as error:
                # Policy: what is not sealed now is sealed with the next try; the rows are chained meanwhile.
                self.failed += 1
                log.warning("audit log not sealed", why=str(error), failed=self.failed)
            await self.sleep(_LOOK_S)
        await self._seal()

    async def step(self) -> Seal | None:
        """Seal if the last seal is an hour old."""
        last = await self.db.read(queries.last_seal)
        if last is not None and self.clock.now() - last.at < seconds(SEAL_EVERY_S):
            return None
        return await self._seal()

    async def _seal(self) -> Seal | None:
        now_at = self.clock.now()
        made = await self.db.write(lambda connection: seal(connection, self.signer, now_at))
        if made is not None:
            log.info("audit log sealed", upto=made.upto_n, hash=made.hash, key=made.key_id)
        return made


@dataclass(slots=True)
class Stamper:
    """Has a third party stamp the newest seal, where ``tenban.toml`` names one.

    A stamp over a later seal holds for all rows before it: what an hour missed because nobody answered is
    made good with the next, and only by when it was there is known a little less exactly.

    Attributes:
        config: the file that names the authority; looked at before each try.
        failed: tries nobody answered, or not with a stamp that holds; each is made again.
        made: stamps that were kept.
    """

    config: Path
    db: Database
    clock: Clock
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    failed: int = 0
    made: int = 0
    _again_s: float = float("-inf")

    async def run(self, stop: threading.Event) -> None:
        """Stamp what was sealed, until told to stop."""
        while not stop.is_set():
            if self.clock.monotonic_s() >= self._again_s:
                try:
                    await self.step()
                except (TenbanError, OSError, httpx.HTTPError, TimeoutError) as error:
                    # Policy: the log goes on being sealed; the next stamp covers what this one would have.
                    self.failed += 1
                    self._again_s = self.clock.monotonic_s() + STAMP_AGAIN_S
                    why = str(error) or type(error).__name__
                    log.warning("audit log not stamped", why=why, failed=self.failed)
            await self.sleep(_LOOK_S)

    async def step(self) -> Stamp | None:
        """Have the newest seal stamped; None where it is already, or nobody is named.

        Raises:
            NotStamped: what came holds for nothing.
            NotReached: the address may not be asked.
            OSError, httpx.HTTPError, TimeoutError: nobody answered.
        """
        sealed, stamped = await self.db.read(lambda c: (queries.last_seal(c), queries.last_stamp(c)))
        if sealed is None or (stamped is not None and stamped.upto_n >= sealed.upto_n):
            return None
        sites = load_sites(self.config)
        if sites.stamping is None:
            return None
        trusted = authorities_of(sites.stamping, self.config.parent)
        asked = request_for(sealed)
        headers = {"content-type": CONTENT_TYPE, "user-agent": _AGENT}
        answer = await post(
            sites.authority_reach,
            sites.stamping.url,
            asked.body,
            headers,
            patience_s=PATIENCE_S,
            most_bytes=MOST_BYTES,
        )
        if answer.status != 200:
            raise NotStamped(f"expected 200 of the time-stamping authority, got {answer.status}")
        stamp = trusted.taken(asked, answer.content)
        await self.db.write(lambda connection: queries.add_stamp(connection, stamp))
        self.made += 1
        log.info("audit log stamped", upto=stamp.upto_n, at=stamp.at)
        return stamp


def prove_database(settings: ServeSettings, keys: Sequence[Path], stamping: Sequence[Path] = ()) -> Proof:
    """Prove the audit log of a database, which is only read.

    Args:
        settings: where the database is.
        keys: public keys to trust; the one in the data folder where there are none.
        stamping: certificates of time-stamping authorities to trust; none: stamps are counted alone.
    """
    check = authorities(stamping).fault if stamping else None
    database = Database(settings.database_url)
    try:
        return prove_log(database.read_now, _trusted(settings, keys), check)
    finally:
        database.close()


def prove_file(
    path: Path, settings: ServeSettings, keys: Sequence[Path], stamping: Sequence[Path] = ()
) -> Proof:
    """Prove a log that was written out; the arguments are as above.

    Raises:
        BadInput: it is no such file, or a line is broken.
    """
    check = authorities(stamping).fault if stamping else None
    taken = _split(path)
    return prove(taken.rows, taken.seals, _trusted(settings, keys), taken.stamps, check)


def row_in_file(path: Path, n: int, hash_: str) -> bool:
    """Tell whether a log that was written out holds a row of this number and hash.

    Raises:
        BadInput: it is no such file, or a line is broken.
    """
    return any((row.n, row.hash) == (n, hash_) for row in _split(path).rows)


def write_out(settings: ServeSettings, out: Path) -> int:
    """Write the log with its seals as lines of JSON; return how many rows."""
    database = Database(settings.database_url)
    count = 0
    try:
        with out.open("wb") as file:
            for line in lines_of(database.read_now):
                count += line.startswith(b'{"row"')
                file.write(line)
    finally:
        database.close()
    return count


@dataclass(slots=True)
class _Taken:
    rows: list[AuditRow] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    stamps: list[Stamp] = field(default_factory=list)


def _split(path: Path) -> _Taken:
    taken = _Taken()
    try:
        with path.open("rb") as file:
            first = orjson.loads(file.readline())
            if first != {"format": FORMAT}:
                raise BadInput(
                    str(path), expected=f"a first line with format {FORMAT!r}", came=str(first)[:80]
                )
            for number, text in enumerate(file, start=2):
                _read_line(f"{path}:{number}", orjson.loads(text), taken)
    except OSError as error:
        raise BadInput(str(path), expected="a file", came=error.strerror or "none") from error
    except orjson.JSONDecodeError as error:
        raise BadInput(str(path), expected="lines of JSON", came=str(error)) from error
    return taken


def _read_line(where: str, line: Any, taken: _Taken) -> None:
    try:
        if "row" in line:
            taken.rows.append(AuditRow(**line["row"]))
        elif "stamp" in line:
            taken.stamps.append(Stamp(**line["stamp"]))
        else:
            taken.seals.append(Seal(**line["seal"]))
    except (TypeError, KeyError) as error:
        raise BadInput(where, expected="a row, a seal or a time stamp", came=str(line)[:80]) from error


def _trusted(settings: ServeSettings, keys: Sequence[Path]) -> Mapping[str, Ed25519PublicKey]:
    found = [public_key(path) for path in keys or [settings.keys_dir / PUBLIC]]
    return {key_id(key): key for key in found}
