"""How many items a journal registered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tenban.pos.registered import count_registered

CSV = """event_id,sale,type,line,quantity,weight_g
a,s,sale_started,,,
b,s,item_registered,1,3,
b,s,item_registered,1,3,
c,s,item_registered,2,,412
d,s,item_voided,1,1,
e,s,item_registered,3,x,
"""


def test_a_csv_journal_counts_like_lines_of_json() -> None:
    """Quantities add up, voids take off, weight counts one, repeats and bad lines count nothing."""
    total, set_aside = count_registered(CSV)
    assert total == 3
    assert [number for number, _ in set_aside] == [7]


def test_a_byte_order_mark_and_windows_lines_are_read() -> None:
    """Files as spreadsheets write them."""
    assert count_registered("\ufefftype,quantity\r\nitem_registered,2\r\n") == (2, [])


@given(st.text(max_size=300))
def test_any_text_gives_a_number_and_told_lines(text: str) -> None:
    """Nothing that can be in a file ends in anything but a count."""
    total, set_aside = count_registered(text)
    assert isinstance(total, int)
    assert all(number >= 1 for number, _ in set_aside)
