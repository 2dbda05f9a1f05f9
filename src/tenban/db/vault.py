"""The vault: makes, finds, rewraps and destroys the data keys of sealed files, and seals short secrets.

Order against crashes: a file and its key are both durable before anybody refers to the file; when something
is destroyed, its key goes first. Left over in between are a file without a key, or a key without a file;
neither shows anything to anybody, and both are swept.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenban.base.clock import Clock
from tenban.base.errors import BadInput
from tenban.base.log import get_log
from tenban.db import queries
from tenban.db.database import Database
from tenban.db.keyring import KEY_BYTES, FileKeyring, KeyMissing, Keyring, NotOurs, Wrapped
from tenban.db.queries import DataKey
from tenban.db.sealing import Damaged, Gone, SealedFile, write_sealed

log = get_log(__name__)

_BATCH = 500
_SECRET = "sealed:"  # noqa: S105  # how a sealed secret begins
MARK = "tenban-sealed-"
"""How the text begins that stands for a secret of the database; safe in an address."""


@dataclass(slots=True)
class Vault:
    """Seals and opens files; one per process.

    Attributes:
        damaged: files that were not as they were sealed, each time one was asked for.
        unkept: keys nobody waited for that the database did not take.
    """

    db: Database
    ring: Keyring
    clock: Clock
    damaged: int = 0
    unkept: int = 0

    def seal(self, path: Path, name: str, parts: Iterable[bytes], size: int, *, wait: bool = True) -> None:
        """Write a sealed file and its key; both are durable once this returns.

        Who refers to the file by this process's own writer need not wait for the key: works are committed in
        the order they were handed over, so the key is durable no later than the first row that refers to it.

        Args:
            path: where the file goes; its folder exists.
            name: what it is sealed as, which is unlike every other's.
            parts: what it holds.
            size: how many bytes that is.
            wait: for the key to be durable, too.

        Raises:
            OSError: the file cannot be written; no key is kept then.
        """
        key = self.new_key()
        known = self._wrapped(name, key, size)  # before anything lies on the disk: its key may be missing
        if not wait:
            # Committed with what refers to it, which this process writes next: one turn less to wait for.
            write_sealed(path, key, name, parts)
            self._keep(known).add_done_callback(self._check_kept)
            return
        kept = self._keep(known)  # commits while the file is written
        try:
            write_sealed(path, key, name, parts)
        except BaseException:
            kept.result()
            self.destroy([name])
            raise
        kept.result()

    def _check_kept(self, kept: Future[None]) -> None:
        error = kept.exception()
        if error is not None:
            # Policy: the database refused a whole group; what refers to the file was most likely refused too.
            self.unkept += 1
            log.error("key not kept", why=str(error), times=self.unkept)

    @staticmethod
    def new_key() -> bytes:
        """Return a fresh data key, for whoever writes the file first and keeps its key then."""
        return AESGCM.generate_key(KEY_BYTES * 8)

    def keep(self, name: str, key: bytes, size: int) -> None:
        """Keep the key of a file that was written with :func:`tenban.db.sealing.write_sealed`."""
        self._keep(self._wrapped(name, key, size)).result()

    def fresh(self, name: str) -> tuple[bytes, DataKey]:
        """Return a new data key and its wrapping, for whoever keeps it in a transaction of their own.

        Where no key-encryption key is left in the folder, another one is made: what has to be written now
        does not wait for somebody to put a file back.

        Raises:
            KeyMissing: there is no key to wrap it with, and none can be made here.
        """
        key = self.new_key()
        try:
            return key, self._wrapped(name, key, 0)
        except KeyMissing:
            if not isinstance(self.ring, FileKeyring):
                raise
            used = self.db.read_now(queries.counts_by_version)
            made = self.ring.ensure(max(used, default=0) + 1)
            log.error("sealing key missing; made another one", version=made, where=self.ring.where)  # noqa: TRY400  # said in words
            return key, self._wrapped(name, key, 0)

    def data_key(self, name: str) -> bytes | None:
        """Return a file's data key; None where it has none (any more).

        Raises:
            Damaged: the key is not as it was.
            KeyMissing: the key that wraps it is not here.
        """
        known = self.db.read_now(lambda connection: queries.key_of(connection, name))
        return None if known is None else self._unwrapped(known)

    def unwrap(self, known: DataKey) -> bytes:
        """Return a data key that is not in the database (yet); raises as :meth:`data_key` does."""
        return self._unwrapped(known)

    def open(self, path: Path, name: str) -> SealedFile | None:
        """Return a sealed file to read; None where it has no key.

        Raises:
            Gone: there is a key and no file.
            Damaged: the file or its key is not as it was.
            KeyMissing: the key that wraps its key is not here.
        """
        known = self.db.read_now(lambda connection: queries.key_of(connection, name))
        if known is None:
            return None
        return SealedFile(path, self._unwrapped(known), name, known.size, told=self.found_damaged)

    def knows(self, name: str) -> bool:
        """Tell whether a file has a key."""
        return self.db.read_now(lambda connection: queries.key_of(connection, name)) is not None

    def known(self, names: Sequence[str]) -> set[str]:
        """Return those of these files that have a key."""
        return self.db.read_now(lambda connection: queries.known_names(connection, names))

    def found_damaged(self, error: Damaged) -> None:
        """Count and log a file that is not as it was sealed."""
        self.damaged += 1
        log.error("damaged", why=str(error), times=self.damaged)

    def destroy(self, names: Sequence[str]) -> list[tuple[str, int]]:
        """Destroy keys, so that what they sealed can never be opened; return name and size of each."""
        return self.db.write_now(lambda connection: queries.drop_keys(connection, names))

    def rewrap(self, told: Callable[[int], None] = lambda _count: None) -> int:
        """Wrap every data key anew that another version than the newest wraps; return how many.

        Files are not touched. Begun again after a crash it goes on with what is left.

        Raises:
            KeyMissing: a version is not here.
            NotOurs: a wrapped key was changed.
        """
        done, after, newest = self._rewrap_secrets(), "", self.ring.newest()
        while True:
            some = self.db.read_now(
                lambda connection, after=after: queries.wrapped_otherwise(connection, newest, _BATCH, after)  # type: ignore[misc]
            )
            if not some:
                return done
            wrapped = [(key, self.ring.wrap(self._unwrapped(key), _key_for(key.name))) for key in some]
            done += self.db.write_now(
                lambda connection, pairs=wrapped: sum(  # type: ignore[misc]
                    queries.rewrap(connection, key, wrapping) for key, wrapping in pairs
                )
            )
            after = some[-1].name
            told(done)

    def counts(self) -> dict[int, int]:
        """Return how many data keys and secrets each version wraps."""
        counts = self.db.read_now(queries.counts_by_version)
        for secret in self.db.read_now(queries.all_secrets):
            counts[secret.wrapped.version] = counts.get(secret.wrapped.version, 0) + 1
        return counts

    def keep_secret(self, kind: str, secret: str) -> str:
        """Seal a secret and return what may stand in its place, such as in the configuration file."""
        marker = f"{MARK}{os.urandom(8).hex()}"
        wrapped = self.ring.wrap(secret.encode(), _secret_for(kind, marker))
        known, now_at = queries.Secret(marker, kind, wrapped), self.clock.now()
        self.db.write_now(lambda connection: queries.add_secret(connection, known, now_at))
        return marker

    def secret(self, kind: str, text: str) -> str:
        """Return the secret that a text stands for; a text that stands for none is returned as it is.

        Raises:
            Gone: it stands for one that is not kept here.
            KeyMissing: the key is not here.
            NotOurs: it was changed, or is of something else.
        """
        if not is_marker(text):
            return text
        found = self.db.read_now(lambda connection: queries.all_secrets(connection, text))
        if not found:
            raise Gone(f"{kind}: expected the secret {text} in the database, got none; please enter it again")
        return self.ring.unwrap(found[0].wrapped, _secret_for(kind, text)).decode()

    def _rewrap_secrets(self) -> int:
        newest, done = self.ring.newest(), 0
        for secret in self.db.read_now(queries.all_secrets):
            if secret.wrapped.version != newest:
                bound_to = _secret_for(secret.kind, secret.id)
                wrapped = self.ring.wrap(self.ring.unwrap(secret.wrapped, bound_to), bound_to)
                self.db.write_now(
                    lambda connection, its_id=secret.id, anew=wrapped: queries.rewrap_secret(  # type: ignore[misc]
                        connection, its_id, anew
                    )
                )
                done += 1
        return done

    def missing(self) -> dict[int, int]:
        """Return how many data keys are wrapped by versions that are not here, by version."""
        here = set(self.ring.versions())
        return {version: count for version, count in self.counts().items() if version not in here}

    def _wrapped(self, name: str, key: bytes, size: int) -> DataKey:
        return DataKey(name, self.ring.wrap(key, _key_for(name)), size)

    def _keep(self, known: DataKey) -> Future[None]:
        now_at = self.clock.now()
        return self.db.writer.submit(lambda connection: queries.add_key(connection, known, now_at))

    def _unwrapped(self, known: DataKey) -> bytes:
        try:
            return self.ring.unwrap(known.wrapped, _key_for(known.name))
        except NotOurs as error:
            damaged = Damaged(f"blob {known.name}: its key was changed, or is of another blob")
            self.found_damaged(damaged)
            raise damaged from error
        except KeyMissing as error:
            raise KeyMissing(f"blob {known.name}: {error}") from error


def in_parts(path: Path, part_bytes: int = 1 << 20) -> Iterator[bytes]:
    """Yield a file's bytes in parts."""
    with path.open("rb") as file:
        while part := file.read(part_bytes):
            yield part


def seal_secret(ring: Keyring, kind: str, its_id: str, secret: str) -> str:
    """Return a short secret as it may be kept: sealed with the newest key, for this kind and id only."""
    wrapped = ring.wrap(secret.encode(), _secret_for(kind, its_id))
    return f"{_SECRET}{wrapped.version}:{base64.urlsafe_b64encode(wrapped.text).decode().rstrip('=')}"


def open_secret(ring: Keyring, kind: str, its_id: str, kept: str) -> str:
    """Return a secret that :func:`seal_secret` sealed for this kind and id.

    Raises:
        BadInput: it was not sealed by that function.
        KeyMissing: the key is not here.
        NotOurs: it was changed, or sealed for something else.
    """
    version, _, text = kept.removeprefix(_SECRET).partition(":")
    if not is_sealed(kept) or not version.isdecimal():
        raise BadInput(f"{kind} {its_id}", expected="a sealed secret", came="something else")
    try:
        wrapped = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadInput(f"{kind} {its_id}", expected="a sealed secret", came="one that was cut") from error
    return ring.unwrap(Wrapped(int(version), wrapped), _secret_for(kind, its_id)).decode()


def is_sealed(kept: str) -> bool:
    """Tell whether a text is a sealed secret."""
    return kept.startswith(_SECRET)


def is_marker(text: str) -> bool:
    """Tell whether a text stands for a sealed secret."""
    return text.startswith(MARK)


def _key_for(name: str) -> bytes:
    return f"tenban data key 1\n{name}".encode()


def _secret_for(kind: str, its_id: str) -> bytes:
    return f"tenban secret 1\n{kind}\n{its_id}".encode()
