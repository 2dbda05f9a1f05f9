"""All SQL of passkeys, of identities at a provider, and of challenges."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.access.queries import Row
from tenban.access.tables import challenges, identities, passkeys, people
from tenban.base.clock import Instant


def add_passkey(connection: Connection, **columns: Any) -> None:
    """Insert one passkey."""
    connection.execute(passkeys.insert().values(**columns))


def passkeys_of(connection: Connection, person_id: str) -> list[Row]:
    """Return a person's passkeys, the oldest first."""
    query = sa.select(passkeys).where(passkeys.c.person_id == person_id)
    return list(connection.execute(query.order_by(passkeys.c.made_at, passkeys.c.id)).mappings())


def passkey_by_credential(connection: Connection, credential_id: str) -> Row | None:
    """Return the passkey of this credential."""
    query = sa.select(passkeys).where(passkeys.c.credential_id == credential_id)
    return connection.execute(query).mappings().first()


def change_passkey(connection: Connection, person_id: str, passkey_id: str, **columns: Any) -> int:
    """Change one of a person's passkeys; return how many there were."""
    its = (passkeys.c.id == passkey_id, passkeys.c.person_id == person_id)
    return connection.execute(passkeys.update().where(*its).values(**columns)).rowcount


def drop_passkeys(connection: Connection, person_id: str, passkey_id: str | None = None) -> int:
    """Delete a person's passkeys, or one of them; return how many."""
    gone = passkeys.delete().where(passkeys.c.person_id == person_id)
    if passkey_id is not None:
        gone = gone.where(passkeys.c.id == passkey_id)
    return connection.execute(gone).rowcount


def add_identity(connection: Connection, **columns: Any) -> None:
    """Insert one identity."""
    connection.execute(identities.insert().values(**columns))


def person_of_identity(connection: Connection, issuer: str, subject: str) -> Row | None:
    """Return whom an identity stands for."""
    query = (
        sa.select(people)
        .join(identities, identities.c.person_id == people.c.id)
        .where(identities.c.issuer == issuer, identities.c.subject == subject)
    )
    return connection.execute(query).mappings().first()


def identities_of(connection: Connection, person_id: str) -> list[Row]:
    """Return a person's identities, the oldest first."""
    query = sa.select(identities).where(identities.c.person_id == person_id)
    return list(connection.execute(query.order_by(identities.c.linked_at)).mappings())


def linked_people(connection: Connection) -> set[str]:
    """Return the ids of everybody who has an identity."""
    return set(connection.execute(sa.select(identities.c.person_id)).scalars())


def use_identity(connection: Connection, issuer: str, subject: str, at: Instant) -> None:
    """Write down when an identity last signed in."""
    its = (identities.c.issuer == issuer, identities.c.subject == subject)
    connection.execute(identities.update().where(*its).values(used_at=at))


def drop_identities(connection: Connection, person_id: str) -> int:
    """Delete a person's identities; return how many."""
    return connection.execute(identities.delete().where(identities.c.person_id == person_id)).rowcount


def add_challenge(connection: Connection, **columns: Any) -> None:
    """Insert one challenge."""
    connection.execute(challenges.insert().values(**columns))


def challenge(connection: Connection, hashed: str) -> Row | None:
    """Return a challenge and leave it there."""
    return connection.execute(sa.select(challenges).where(challenges.c.hash == hashed)).mappings().first()


def take_challenge(connection: Connection, hashed: str) -> Row | None:
    """Return a challenge and delete it, so that nobody else gets it."""
    found = connection.execute(sa.select(challenges).where(challenges.c.hash == hashed)).mappings().first()
    gone = connection.execute(challenges.delete().where(challenges.c.hash == hashed)).rowcount
    return found if gone else None


def drop_challenges(connection: Connection, before_at: Instant) -> int:
    """Delete the challenges made before then; return how many."""
    return connection.execute(challenges.delete().where(challenges.c.made_at < before_at)).rowcount
