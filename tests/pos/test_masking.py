"""No card number outlives the door."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenban.pos.masking import (
    last_four,
    mask_code,
    mask_identifier,
    mask_json,
    mask_text,
    passes_luhn,
)

VISA = "4111111111111111"


def with_luhn(body: str) -> str:
    return next(body + str(digit) for digit in range(10) if passes_luhn(body + str(digit)))


digit_texts = st.text("0123456789", min_size=12, max_size=18)
any_pan = digit_texts.map(with_luhn)
brand_pan = st.tuples(
    st.sampled_from(["4", "51", "2221", "3528", "6011", "62"]),
    st.text("0123456789", min_size=16, max_size=16),
).map(lambda one: with_luhn((one[0] + one[1])[:15]))
gaps = st.sampled_from(["", " ", "-", "  ", " - ", "‐", "ー", "\u3000", "\u200b", ".", "_"])
widths = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"])
words = st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=12)


@st.composite
def written(draw: st.DrawFn, pan: st.SearchStrategy[str]) -> tuple[str, str]:
    """A card number, and how somebody wrote it."""
    number = draw(pan)
    shown = draw(widths)
    parts = []
    for at, digit in enumerate(number):
        if at:
            parts.append(draw(gaps) if at % 4 == 0 else "")
        parts.append(shown[int(digit)])
    return number, "".join(parts)


def digits_of(text: str) -> str:
    return "".join(str(int(sign)) for sign in text if sign.isdecimal())


@given(before=words, number=written(any_pan), after=words)
def test_a_card_number_among_words_is_cut(before: str, number: tuple[str, str], after: str) -> None:
    """However it is grouped and whatever digits it is written in, only the last four are left."""
    pan, shown = number
    masked = mask_text(before + shown + after)
    assert pan[-4:] in digits_of(masked)
    assert len(digits_of(masked)) == 4


@given(before=st.text(max_size=20), number=written(brand_pan), after=st.text(max_size=20))
def test_a_brands_number_is_cut_even_among_digits(before: str, number: tuple[str, str], after: str) -> None:
    """A known brand's number glued to other digits does not survive either."""
    pan, shown = number
    masked = mask_text(before + shown + after)
    assert pan not in digits_of(masked)


def test_a_number_that_begins_inside_another_is_cut_as_well() -> None:
    """Of two overlapping numbers of brands, neither leaves more than the last four digits."""
    assert mask_text("250203141522221301000000001") == "2…0001"


@given(st.text(alphabet=st.sampled_from("0123456789 -x４"), max_size=60))
def test_masking_settles(text: str) -> None:
    """Masking twice changes nothing more, and no group of 13 to 19 digits that passes Luhn is left."""
    masked = mask_text(text)
    assert mask_text(masked) == masked
    for run in re.findall(r"(?<!\d)\d{13,19}(?!\d)", masked):
        assert not passes_luhn(run)


@given(st.text("0123456789", max_size=12))
def test_short_numbers_stay(digits: str) -> None:
    """Twelve digits are no card number."""
    assert mask_text(f"no. {digits} x") == f"no. {digits} x"


@given(digit_texts)
def test_numbers_that_fail_luhn_stay(body: str) -> None:
    """A long number that is no card's, and holds none, keeps its digits."""
    assume(mask_text(body) == body)
    assert mask_text(f"伝票 {body}") == f"伝票 {body}"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 4111 1111 1111 1111 ok", "card …1111 ok"),
        ("４１１１－１１１１－１１１１－１１１１", "…1111"),
        ("378282246310005", "…0005"),
        (";4111111111111111=25121010000012300000?", ";…1111=25121010000012300000?"),
        ("%B4111111111111111^YAMADA/T^2512101?", "%B…1111^YAMADA/T^2512101?"),
        ("4111111111111111 12/27", "…1111 12/27"),
        ("4111111111111111 4111111111111111", "…1111 …1111"),
        ("411111111111111112/27", "…111112/27"),
        ("tel 03-1234-5678, 2026-11-22", "tel 03-1234-5678, 2026-11-22"),
        ("", ""),
    ],
)
def test_examples(text: str, masked: str) -> None:
    """What people and card readers write."""
    assert mask_text(text) == masked


def test_codes_keep_their_digits() -> None:
    """A JAN code that happens to pass Luhn stays whole as a code; a card number in its place does not."""
    jan = "4901234500044"
    assert passes_luhn(jan)
    assert mask_code(jan) == jan
    assert mask_code(VISA) == "…1111"


def test_identifiers_find_each_other() -> None:
    """A sale's number is left alone; one that is a card number becomes the same stand-in each time."""
    for number in ("0001-20261122-17", "20261122120557123", "41111111-1111-4111-8111-111111111111"):
        assert mask_identifier(number) == number
    stand_in = mask_identifier(VISA)
    assert (
        stand_in
        == mask_identifier("4111-1111-1111-1111")
        == mask_identifier("４１１１１１１１１１１１１１１１")
    )
    assert VISA[:12] not in stand_in
    assert stand_in.endswith("-1111")
    assert stand_in != mask_identifier("4012888888881881")


@pytest.mark.parametrize(
    ("field", "kept"),
    [
        (VISA, "…1111"),
        ("…1234", "…1234"),
        ("************1234", "…1234"),
        ("x", None),
        ("", None),
        ("12", "…12"),
    ],
)
def test_a_card_field_keeps_four_digits_at_most(field: str, kept: str | None) -> None:
    """Whatever a till puts into card, at most the last four digits stay."""
    assert last_four(field) == kept


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=10)
    | st.just(VISA)
    | st.just(int(VISA)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4) | st.just(VISA), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(json_values)
def test_json_is_masked_everywhere(value: Any) -> None:
    """Keys, texts and numbers, however deep, hold no card number afterwards."""
    assert VISA not in repr(mask_json(value))
