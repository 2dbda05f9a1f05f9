"""The audit log at work: sealed each hour, written out, and proven by whoever asks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tenban.access import queries
from tenban.access.audit import seal
from tenban.access.chain import AuditRow, Proof, Seal, Signer, key_id, prove
from tenban.access.keys import PUBLIC, public_key
from tenban.access.proof import FORMAT, lines_of, prove_log
from tenban.base.clock import Clock, seconds
from tenban.base.errors import BadInput, TenbanError
from tenban.base.log import get_log
from tenban.db import Database
from tenban.server.settings import ServeSettings

log = get_log(__name__)

SEAL_EVERY_S = 3600
_LOOK_S = 5.0


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


def prove_database(settings: ServeSettings, keys: Sequence[Path]) -> Proof:
    """Prove the audit log of a database, which is only read.

    Args:
        settings: where the database is.
        keys: public keys to trust; the one in the data folder where there are none.
    """
    database = Database(settings.database_url)
    try:
        return prove_log(database.read_now, _trusted(settings, keys))
    finally:
        database.close()


def prove_file(path: Path, settings: ServeSettings, keys: Sequence[Path]) -> Proof:
    """Prove a log that was written out.

    Raises:
        BadInput: it is no such file, or a line is broken.
    """
    rows, found = _split(path)
    return prove(rows, found, _trusted(settings, keys))


def row_in_file(path: Path, n: int, hash_: str) -> bool:
    """Tell whether a log that was written out holds a row of this number and hash.

    Raises:
        BadInput: it is no such file, or a line is broken.
    """
    rows, _ = _split(path)
    return any((row.n, row.hash) == (n, hash_) for row in rows)


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


def _split(path: Path) -> tuple[list[AuditRow], list[Seal]]:
    rows: list[AuditRow] = []
    found: list[Seal] = []
    try:
        with path.open("rb") as file:
            first = orjson.loads(file.readline())
            if first != {"format": FORMAT}:
                raise BadInput(
                    str(path), expected=f"a first line with format {FORMAT!r}", came=str(first)[:80]
                )
            for number, text in enumerate(file, start=2):
                _read_line(f"{path}:{number}", orjson.loads(text), rows, found)
    except OSError as error:
        raise BadInput(str(path), expected="a file", came=error.strerror or "none") from error
    except orjson.JSONDecodeError as error:
        raise BadInput(str(path), expected="lines of JSON", came=str(error)) from error
    return rows, found


def _read_line(where: str, line: Any, rows: list[AuditRow], found: list[Seal]) -> None:
    try:
        if "row" in line:
            rows.append(AuditRow(**line["row"]))
        else:
            found.append(Seal(**line["seal"]))
    except (TypeError, KeyError) as error:
        raise BadInput(where, expected="a row or a seal", came=str(line)[:80]) from error


def _trusted(settings: ServeSettings, keys: Sequence[Path]) -> Mapping[str, Ed25519PublicKey]:
    found = [public_key(path) for path in keys or [settings.keys_dir / PUBLIC]]
    return {key_id(key): key for key in found}
