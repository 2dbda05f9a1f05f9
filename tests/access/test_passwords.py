"""Which passwords may be chosen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.access.model import Role
from tenban.access.passwords import CommonPassword, chosen_password, common_words, why_common
from tenban.access.secrets import password_fits
from tenban.base.errors import BadInput

ABOUT = ["Midori Foods", "大宮店", "sato.hanako"]


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "P@ssw0rd!",
        "ｐａｓｓｗｏｒｄ１２３",
        "Sakura2026",
        "passwordpassword",
        "12345678",
        "87654321",
        "19840301",
        "aaaaaaaa",
        "abcabcabc",
        "qwertyuiop",
        "1qaz2wsx",
        "qwerty12345",
        "あいうえおかきく",
        "let me in 99",
        "midori2026!",
        "hanako_1999",
        "大宮店大宮店",
        "tenban123",
        # Leaked by many, a name with a year, a single word of English, a row of the keyboard.
        "iloveyou2",
        "jennifer1984",
        "evaporator",
        "zxcvbn12",
    ],
)
def test_what_is_tried_first_is_refused(password: str) -> None:
    """Common words in any dress, rows of keys, repeats, bare figures, and what everybody knows."""
    assert why_common(password, ABOUT) is not None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse",
        "violet anchor window",
        "雨の日はうどん",
        "うどんそば大好き",
        "fK9#mw2q",
        "tenban-nikki-42",
        "sakura-udon",
        "violet anchor window " * 12,
    ],
)
def test_what_somebody_thought_of_is_taken(password: str) -> None:
    """Several words, or signs by chance, in any script."""
    assert why_common(password, ABOUT) is None


@given(st.sampled_from(sorted(common_words())), *[st.text("0123456789!?-_ ", max_size=6)] * 2)
def test_a_common_word_stays_one_whatever_is_hung_on_it(word: str, before: str, after: str) -> None:
    """Figures, signs and capitals around it change nothing."""
    assert why_common(before + word.upper() + after) is not None
    assert why_common(before + word.capitalize() + after) is not None


def test_whoever_lets_others_in_needs_twelve_signs() -> None:
    """Eight do for an attendant; an administrator's or an installer's are four more."""
    fitting = chosen_password("fK9#mw2q", roles=[Role.ATTENDANT])
    assert password_fits(fitting, "fK9#mw2q")
    for role in (Role.ADMINISTRATOR, Role.INSTALLER):
        with pytest.raises(BadInput, match="12 to 256 characters, got 8"):
            chosen_password("fK9#mw2q", roles=[Role.ATTENDANT, role])
    with pytest.raises(CommonPassword, match="not guessed at once"):
        chosen_password("password1", roles=[Role.ATTENDANT])
