"""What a browser has to bring back: random, kept by the server, good once and for some minutes."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from sqlalchemy import Connection

from tenban.access import factor_queries as queries
from tenban.access.queries import Row
from tenban.access.secrets import hash_secret
from tenban.base.clock import Instant, seconds
from tenban.base.errors import NotSignedIn

LIVES_S: Final = 300
Purpose: TypeAlias = Literal["passkey:make", "passkey:sign-in", "passkey:prove", "oidc:sign-in", "oidc:link"]


class ChallengeGone(NotSignedIn):
    """What came back was asked for too long ago, was answered before, or was never asked."""

    code = "challenge_gone"

    def __init__(self) -> None:
        super().__init__("expected an answer to what was asked a moment ago, got one to something else")
        self.told = {
            "ja": "時間が経ちすぎました。もう一度お試しください。",
            "en": "That took too long. Please try again.",
        }


def keep_challenge(
    connection: Connection,
    secret: str,
    purpose: Purpose,
    at: Instant,
    *,
    person_id: str | None = None,
    sealed: str = "",
) -> None:
    """Keep what has to come back, for whom and what for, and what goes with it; old ones go."""
    queries.drop_challenges(connection, at - seconds(LIVES_S))
    queries.add_challenge(
        connection,
        hash=hash_secret(secret),
        purpose=purpose,
        person_id=person_id,
        made_at=at,
        sealed=sealed,
    )


def take_challenge(
    connection: Connection, secret: str, purpose: Purpose, at: Instant, *, person_id: str | None = None
) -> Row:
    """Use a challenge up, whatever it was for.

    Raises:
        ChallengeGone: it is too old, was used, or is for something or somebody else.
    """
    row = queries.take_challenge(connection, hash_secret(secret))
    if row is None or row["purpose"] != purpose or row["person_id"] != person_id:
        raise ChallengeGone
    if at - row["made_at"] >= seconds(LIVES_S):
        raise ChallengeGone
    return row
