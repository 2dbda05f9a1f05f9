"""Wrong passwords, kept in the database: counted before the password is looked at, taken back where it fits.

So a hundred guesses at once are a hundred guesses, and a restart forgets none.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.delays import ADDRESS, ALL_STRANGERS, FORGOTTEN_S, KNOWN_BROWSER, Pace, Tries
from tenban.access.people import Source, folded
from tenban.access.secrets import hash_secret, new_secret
from tenban.base.clock import Instant, seconds
from tenban.base.errors import TooMany

_EVERYWHERE = "*"


class SlowDown(TooMany):
    """Too many wrong tries; nothing was looked at.

    Attributes:
        wait_s: when the next one is.
    """

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"expected fewer wrong passwords; wait {wait_s} s")
        self.wait_s = wait_s
        self.told = {
            "ja": f"入力の間違いが続いています。{wait_s}秒待ってからもう一度お試しください。",
            "en": f"Too many wrong tries. Please wait {wait_s} s.",
        }


def count_try(connection: Connection, name: str, source: Source, now_at: Instant) -> None:
    """Count a try as a wrong one, before it is looked at.

    Raises:
        SlowDown: it is not looked at; it counts for nothing either, so impatience costs no more waiting.
    """
    account = _account(name)
    known = {
        where: Tries(failures, last_at)
        for where, failures, last_at in queries.failures_of(connection, account)
    }
    counters = _counters(connection, name, source)
    wait_s = max(known.get(where, Tries()).wait_s(pace, now_at) for where, pace in counters)
    if wait_s:
        raise SlowDown(wait_s)
    queries.drop_failures(connection, now_at - seconds(FORGOTTEN_S))
    for where, _ in counters:
        after = known.get(where, Tries()).failed(now_at)
        queries.set_failures(connection, account, where, after.failures, after.last_at)


def take_back(connection: Connection, name: str, source: Source) -> None:
    """Forget the wrong tries of this browser or address, since the last one was right.

    Those of all strangers stay but for this one: somebody else may still be guessing.
    """
    account = _account(name)
    for where, pace in _counters(connection, name, source):
        if pace is not ALL_STRANGERS:
            queries.forget_failures(connection, account, where)
            continue
        for seen, failures, last_at in queries.failures_of(connection, account):
            if seen == where:
                queries.set_failures(connection, account, where, max(failures - 1, 0), last_at)


def remember_browser(connection: Connection, source: Source, person_id: str, at: Instant) -> str:
    """Write down that somebody signed in with this browser; return the new secret for its cookie.

    The secret of before ends, so that a copy which somebody planted or took is worth nothing from now on.
    """
    secret = new_secret("browser")
    if source.browser:
        queries.rename_browser(connection, hash_secret(source.browser), hash_secret(secret))
    queries.see_browser(connection, hash_secret(secret), person_id, at)
    return secret


def _counters(connection: Connection, name: str, source: Source) -> list[tuple[str, Pace]]:
    """Return what a try from somewhere is counted by."""
    if source.place:
        return [(f"place:{source.place}"[:80], KNOWN_BROWSER)]
    if source.browser:
        browser = hash_secret(source.browser)
        if queries.browser_knows(connection, browser, folded(name)):
            return [(f"browser:{browser}", KNOWN_BROWSER)]
    return [(f"address:{source.address or ''}"[:80], ADDRESS), (_EVERYWHERE, ALL_STRANGERS)]


def _account(name: str) -> str:
    # Also of names that nobody has: who guesses must not learn which there are.
    return hashlib.sha256(folded(name).encode()).hexdigest()
