"""The secrets that sign webhooks: sealed with the server's keys beside all others, rewrapped with them."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sqlalchemy import Connection

from tenban.base.clock import Instant
from tenban.base.errors import NotFound
from tenban.db import queries
from tenban.db.keyring import Keyring

KIND = "webhook"


@dataclass(frozen=True, slots=True)
class SecretKeeper:
    """Keeps and opens secrets in the caller's transaction.

    Attributes:
        ring: the server's keys.
    """

    ring: Keyring

    def keep(self, connection: Connection, at: Instant, secret: str) -> str:
        """Seal a secret and return what stands for it elsewhere."""
        marker = f"{KIND}-{os.urandom(8).hex()}"
        wrapped = self.ring.wrap(secret.encode(), _bound_to(marker))
        queries.add_secret(connection, queries.Secret(marker, KIND, wrapped), at)
        return marker

    def open(self, connection: Connection, marker: str) -> str:
        """Return the secret that a marker stands for.

        Raises:
            NotFound: it is not kept.
            KeyMissing: the key is not here.
            NotOurs: it was changed, or is of something else.
        """
        found = queries.all_secrets(connection, marker)
        if not found:
            raise NotFound(f"there is no secret {marker!r}")
        return self.ring.unwrap(found[0].wrapped, _bound_to(marker)).decode()


def _bound_to(marker: str) -> bytes:
    # As the vault binds the secrets it rewraps, see db/vault.py.
    return f"tenban secret 1\n{KIND}\n{marker}".encode()
