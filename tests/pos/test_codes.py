"""Article codes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.pos.codes import (
    Layout,
    check_digit,
    checks,
    expand_upc_e,
    plain_digits,
    read_code,
    value_check_digit,
)

digits = st.text("0123456789", min_size=7, max_size=13)


@given(digits)
def test_check_digits_round_trip(body: str) -> None:
    """A code with the check digit worked out for it checks."""
    assert checks(body + check_digit(body))


@given(digits, st.integers(0, 12), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(body: str, place: int, by: int) -> None:
    """One digit misread anywhere makes the check fail."""
    code = body + check_digit(body)
    at = place % len(code)
    wrong = code[:at] + str((int(code[at]) + by) % 10) + code[at + 1 :]
    assert not checks(wrong)


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_bad_input(text: str) -> None:
    """Reading a code never fails in another way."""
    try:
        code = read_code(text)
    except BadInput:
        return
    assert code.key


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("4901234567894", "ean13", "4901234567894"),
        ("４９０１２３４５６７８９４", "ean13", "4901234567894"),
        ("4 901234 567894", "ean13", "4901234567894"),
        ("49123456", "ean8", "49123456"),
        ("036000291452", "upca", "0036000291452"),
        ("04252614", "upce", "0042100005264"),
        ("14901234567891", "gtin14", "14901234567891"),
        ("2112345678900", "in_store", "2112345678900"),
        ("1234", "plain", "1234"),
        ("ﾊﾞﾅﾅ-1", "plain", "バナナ-1"),
    ],
)
def test_codes_of_every_kind(text: str, kind: str, key: str) -> None:
    """Each kind of code is told apart and gets the key its article is looked up by."""
    code = read_code(text)
    assert (code.kind, code.key) == (kind, key)


def test_upc_a_and_ean_13_of_one_article_share_a_key() -> None:
    """The same article is found whether the leading zero was read or not."""
    assert read_code("036000291452").key == read_code("0036000291452").key


def test_a_wrong_check_digit_is_named() -> None:
    """The error says which digit would have been right."""
    with pytest.raises(BadInput, match="code 4901234567890: expected check digit 4, got 0"):
        read_code("4901234567890")


@given(item=st.integers(0, 99999), price=st.integers(0, 99999))
def test_an_embedded_price_comes_out_again(item: int, price: int) -> None:
    """02, five digits of item, five of price: both are read, and the key is the item."""
    body = f"02{item:05}{price:05}"
    code = read_code(body + check_digit(body))
    assert (code.key, code.price, code.weight_g) == (f"02{item:05}", price, None)


def test_an_embedded_weight_with_its_own_check_digit() -> None:
    """A layout may name another prefix, a weight and a check digit of the weight."""
    layout = Layout("21IIIIVWWWWWC")
    body = f"211234{value_check_digit('00750')}00750"
    code = read_code(body + check_digit(body), [layout])
    assert (code.kind, code.key, code.weight_g) == ("in_store", "211234", 750)
    wrong = f"211234{(int(value_check_digit('00750')) + 1) % 10}00750"
    assert read_code(wrong + check_digit(wrong), [layout]).weight_g is None


def test_check_digits_of_embedded_values() -> None:
    """The examples of the GS1 General Specifications, section 7.9."""
    assert value_check_digit("2875") == "9"
    assert value_check_digit("14685") == "6"


@pytest.mark.parametrize(
    "pattern", ["", "49IIIIIPPPPPC", "02IIIIIPPWWWC", "02PPPPPPPPPPC", "02IIIIIPPPPPP", "02IIIIIVPPPC"]
)
def test_a_layout_that_makes_no_sense_is_refused(pattern: str) -> None:
    """Layouts are checked when they are made."""
    with pytest.raises(BadInput, match="layout of in-store codes"):
        Layout(pattern)


def test_upc_e_expands_by_its_last_digit() -> None:
    """Each form of UPC-E stands for the UPC-A with its zeros put back."""
    bodies = {
        "0123450": "01200000345",
        "0123453": "01230000045",
        "0123454": "01234000005",
        "0123456": "01234500006",
    }
    for short, long in bodies.items():
        check = check_digit(long)
        assert expand_upc_e(short + check) == long + check
    assert expand_upc_e("99999999") is None


@given(st.text(max_size=30))
def test_plain_digits_settles(text: str) -> None:
    """Making digits plain twice changes nothing more."""
    assert plain_digits(plain_digits(text)) == plain_digits(text)
