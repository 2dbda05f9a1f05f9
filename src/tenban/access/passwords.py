"""Which passwords people may choose: long enough, and not among those that are guessed first.

NIST SP 800-63B-4 (3.1.1.2) and OWASP ASVS 5.0 (6.2): length counts, composition does not, nothing expires,
and what is common or says what everybody knows of the account is refused. Eight signs are the least for
whoever works in a shop (ASVS 6.2.1), twelve for whoever can let others in or change what is watched.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Final

from zxcvbn import zxcvbn

from tenban.access.model import FUNCTIONS_OF_ROLE, Function, Role
from tenban.access.secrets import LONGEST_PASSWORD, SHORTEST_PASSWORD, hash_password
from tenban.base.errors import BadInput

SHORTEST_OF_THE_MIGHTY: Final = 12
_MIGHTY: Final = frozenset({Function.PEOPLE_MANAGE, Function.SETTINGS_EDIT})
_LEET: Final = str.maketrans("@430157$", "aaeoists")
_ROWS: Final = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()",
    "!\"#$%&'()",
    "あいうえおかきくけこさしすせそたちつてと",
)
_SHORTEST_WALK: Final = 3
_FEWEST_GUESSES: Final = 1_000_000
"""Below it the delays alone would not do: 1,440 tries a day for two years (NIST SP 800-63B-4, 3.2.2)."""
_ZXCVBN_LONGEST: Final = 72


class CommonPassword(BadInput):
    """A password that is guessed first."""

    code = "common_password"

    def __init__(self, came: str) -> None:
        super().__init__("password", expected="one that is not guessed at once", came=came)


def shortest_for(roles: Iterable[Role]) -> int:
    """Return how long the password of somebody with these roles has to be."""
    return SHORTEST_OF_THE_MIGHTY if is_mighty(roles) else SHORTEST_PASSWORD


def is_mighty(roles: Iterable[Role]) -> bool:
    """Tell whether somebody with these roles can let others in or change what is watched."""
    return any(FUNCTIONS_OF_ROLE[role] & _MIGHTY for role in roles)


def chosen_password(password: str, *, roles: Iterable[Role], about: Iterable[str] = ()) -> str:
    """Return the hash of a password that somebody chose; takes about 130 ms.

    Args:
        password: as typed.
        roles: of whom it lets in.
        about: what anybody would try: names of the person, the shop, the company.

    Raises:
        BadInput: too short or too long.
        CommonPassword: one of those that are guessed first.
    """
    shortest = shortest_for(roles)
    if not shortest <= len(password) <= LONGEST_PASSWORD:
        raise BadInput(
            "password", expected=f"{shortest} to {LONGEST_PASSWORD} characters", came=f"{len(password)}"
        )
    why = why_common(password, about)
    if why is not None:
        raise CommonPassword(why)
    return hash_password(password)


def why_common(password: str, about: Iterable[str] = ()) -> str | None:
    """Tell what makes a password easily guessed, or None.

    Width, capitals, spaces and the usual figures for letters (p@ssw0rd) make no difference, nor do figures
    and signs before and after a word.
    """
    plain = _folded(password)
    if _repeats(plain):
        return "the same over and over"
    if _walks(plain):
        return "a row of keys or letters"
    mine = _pieces(about)
    known = common_words() | mine
    bare = _bare(plain)
    for one in (plain, plain.translate(_LEET), bare.translate(_LEET)):
        word = _bare(one)
        letters = re.sub(r"[\W\d_]+", "", one)
        if not letters or {one, word, letters} & known or _doubled(letters) in known:
            return "a word that everybody tries" if letters else "only figures and signs"
    if _guesses(plain, mine) < _FEWEST_GUESSES:
        return "one of the first million that are tried"
    return None


def _guesses(plain: str, mine: frozenset[str]) -> float:
    """Return how many tries zxcvbn expects to be needed (Wheeler, USENIX Security 2016); takes a few ms.

    It knows 30,000 leaked passwords, names and words of English, and how people dress them up.
    """
    return float(zxcvbn(plain[:_ZXCVBN_LONGEST], user_inputs=sorted(mine))["guesses"])


@cache
def common_words() -> frozenset[str]:
    """Return the words of ``common_passwords.txt``, as they are compared."""
    text = files("tenban.access").joinpath("common_passwords.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(_folded(word) for line in lines for word in line.split())


def _bare(text: str) -> str:
    """Return a text without figures and signs before and after it."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _folded(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).casefold())


def _pieces(about: Iterable[str]) -> frozenset[str]:
    found = set()
    for text in about:
        found |= {_folded(text), *(_folded(part) for part in re.split(r"[\s._-]+", text))}
    return frozenset(one for one in found if len(one) >= 2)


def _repeats(text: str) -> bool:
    return any(text == (text[:n] * len(text))[: len(text)] for n in range(1, min(4, len(text) // 2) + 1))


def _doubled(text: str) -> str | None:
    half, odd = divmod(len(text), 2)
    return text[:half] if not odd and text[:half] == text[half:] else None


def _walks(text: str) -> bool:
    """Tell whether a text is nothing but pieces of rows, there or back, each of three signs at least."""
    at = 0
    while at < len(text):
        length = max((_walk_from(text, at, row) for row in _all_rows()), default=0)
        if length < _SHORTEST_WALK:
            return False
        at += length
    return True


@cache
def _all_rows() -> tuple[str, ...]:
    return tuple(one for row in _ROWS for one in (row, row[::-1]))


def _walk_from(text: str, at: int, row: str) -> int:
    start = row.find(text[at])
    if start < 0:
        return 0
    length = 1
    while at + length < len(text) and start + length < len(row) and text[at + length] == row[start + length]:
        length += 1
    return length
