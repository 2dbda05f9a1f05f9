"""The PLU master."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.access.model import Actor, system_actor
from tenban.base.errors import BadInput, Forbidden, NotFound
from tenban.db import Database
from tenban.pos.link import waiting_commands
from tenban.pos.plu import Imported, import_plu, imports, look_up, plu_delta, plu_master
from tenban.pos.plu_file import PluItem, read_plu
from tills import STARTS_AT, shop_with

CONSOLE = system_actor("console")
SHOP = shop_with("lane-1", "lane-2")
CSV = """商品コード,商品名,単価,単位,部門
4901234567894,緑茶 500ml,198,個,飲料
0212345,まぐろ切り落とし,,,鮮魚
"1001","みかん, 1kg","￥1,280",kg,青果
"""


def bring_in(database: Database, text: str | bytes, **options: Any) -> Imported:
    data = text if isinstance(text, bytes) else text.encode()
    return database.write_now(
        lambda c: import_plu(
            c, CONSOLE, STARTS_AT, SHOP, read_plu(data, where="plu.csv"), source="plu.csv", **options
        )
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_is_read_in_every_encoding(encoding: str, newline: str) -> None:
    """UTF-8, UTF-8 with byte order mark and Shift_JIS give the same articles."""
    read = read_plu(CSV.replace("\n", newline).encode(encoding), where="plu.csv")
    assert read.bad == ()
    assert read.items == (
        PluItem("4901234567894", "緑茶 500ml", 198, "piece", "飲料"),
        PluItem("0212345", "まぐろ切り落とし", None, "piece", "鮮魚"),
        PluItem("1001", "みかん, 1kg", 1280, "kg", "青果"),
    )


def test_json_is_read_like_csv() -> None:
    """An array of objects, or an object with items, gives the same articles."""
    entries = [
        {"code": "4901234567894", "name": "緑茶", "unit_price": 198},
        {"code": 1001, "name": "みかん", "unit": "kg"},
    ]
    for document in (entries, {"items": entries}):
        read = read_plu(orjson.dumps(document), where="plu.json")
        assert [item.code for item in read.items] == ["4901234567894", "1001"]


def test_bad_lines_are_said_by_number_and_set_aside() -> None:
    """A wrong check digit, no name, a price that is none and a repeated code cost only their own lines."""
    text = (
        "code,name,price\n"
        "4901234567890,wrong check digit,100\n"
        "1001,,100\n"
        '1002,"two\nlines",12.5\n'
        "1003,first,1\n"
        "\n"
        "1003,second,2\n"
        "1004,good,3\n"
    )
    read = read_plu(text.encode(), where="plu.csv")
    assert [(item.code, item.name) for item in read.items] == [("1003", "second"), ("1004", "good")]
    assert [(one.line, one.message) for one in read.bad] == [
        (2, "code 4901234567890: expected check digit 4, got 0"),
        (3, "name: expected 1 to 200 characters, got 0 characters"),
        (4, "unit_price: expected a whole number of minor units (yen, cents), got '12.5'"),
        (6, "code 1003: line 8 has the same code and counts"),
    ]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "line 1: expected a header with at least code and name"),
        (b"a,b\n1,2\n", "line 1: expected a header with at least code and name"),
        ("code,name\n".encode("utf-16"), "expected UTF-8 or Shift_JIS text, got UTF-16"),
        (b"code,name\n1,\x82\xff\xfe", "expected UTF-8 or Shift_JIS text, got byte"),
        (b'[{"code": ', "line 1 column"),
        (b'{"articles": []}', "expected an array of articles"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(data: bytes, message: str) -> None:
    """The error names the file and what was expected."""
    with pytest.raises(BadInput) as refused:
        read_plu(data, where="plu.csv")
    assert str(refused.value).startswith("plu.csv")
    assert message in str(refused.value)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No file makes the reader fail in another way than by saying why."""
    for start in (b"", b"code,name,price\n", b"[", b'[{"code": "1", "name": "'):
        try:
            read_plu(start + data, where="plu.csv")
        except BadInput:
            continue


def test_versions_grow_only_with_changes(database: Database) -> None:
    """The first import is version 1; the same file again changes nothing; a new price is version 2."""
    first, again, dearer = (
        bring_in(database, CSV),
        bring_in(database, CSV),
        bring_in(database, CSV.replace("198", "208")),
    )
    assert (first.version, first.added) == (1, 3)
    assert (again.version, again.unchanged) == (1, 3)
    assert (dearer.version, dearer.changed, dearer.unchanged) == (2, 1, 2)
    assert [one["version"] for one in database.read_now(lambda c: imports(c, CONSOLE, SHOP.id))] == [2, 1]


def test_deltas_tell_what_changed_and_what_went(database: Database, till: Actor) -> None:
    """A till with an old version gets exactly the difference."""
    bring_in(database, CSV)
    bring_in(database, "code,name,price\n4901234567894,緑茶 500ml,208\n2001,りんご,120\n", replace=True)
    delta = database.read_now(lambda c: plu_delta(c, till, SHOP.id, 1))
    assert delta.version == 2
    assert [item.code for item in delta.changed] == ["2001", "4901234567894"]
    assert delta.removed == ("0212345", "1001")
    assert database.read_now(lambda c: plu_delta(c, till, SHOP.id, 2)).changed == ()
    _, items = database.read_now(lambda c: plu_master(c, till, SHOP.id))
    assert [item.code for item in items] == ["2001", "4901234567894"]
    bring_in(database, CSV)
    assert database.read_now(lambda c: plu_delta(c, till, SHOP.id, 2)).removed == ()


def test_a_version_that_has_not_been_is_refused(database: Database, till: Actor) -> None:
    """A till that is ahead of the shop is told so instead of getting an empty delta."""
    with pytest.raises(BadInput, match="since: expected a version from 0 to 0, got 5"):
        database.read_now(lambda c: plu_delta(c, till, SHOP.id, 5))


def test_a_file_with_bad_lines_removes_nothing(database: Database) -> None:
    """Replacing by a file of which a line was set aside is refused; without replacing the rest goes in."""
    bring_in(database, CSV)
    spoilt = "code,name\n2001,りんご\n1001,\n"
    with pytest.raises(BadInput, match="1 bad lines, the first at line 3"):
        bring_in(database, spoilt, replace=True)
    assert bring_in(database, spoilt).added == 1


def test_every_register_is_told(database: Database) -> None:
    """Each till of the shop gets plu_changed with the version; an import without changes tells nobody."""
    for _ in range(2):
        bring_in(database, CSV)
    commands = database.read_now(lambda c: waiting_commands(c, ["lane-1", "lane-2"], STARTS_AT))
    assert [(one.register, one.type, one.body) for one in commands] == [
        ("lane-1", "plu_changed", {"version": 1}),
        ("lane-2", "plu_changed", {"version": 1}),
    ]


def test_scanned_codes_find_their_article(database: Database, till: Actor) -> None:
    """A JAN code and an in-store code with an embedded price find what they mean."""
    bring_in(database, CSV)
    for text, name in [
        ("4901234567894", "緑茶 500ml"),
        ("0212345001981", "まぐろ切り落とし"),
        ("9999", None),
    ]:
        item = database.read_now(lambda c, text=text: look_up(c, till, SHOP.id, text))
        assert (item and item.name) == name


def test_only_who_may_write_imports(database: Database, till: Actor) -> None:
    """A till reads its own shop's master; it neither writes it nor reads another shop's."""
    with pytest.raises(Forbidden):
        database.write_now(
            lambda c: import_plu(c, till, STARTS_AT, SHOP, read_plu(CSV.encode(), where="x"), source="x")
        )
    with pytest.raises(NotFound):
        database.read_now(lambda c: plu_master(c, till, "meguro"))


def test_reading_and_age_come_in_by_either_name() -> None:
    """Columns of readings and ages are taken in; a strange age sets its line aside."""
    file = read_plu(
        "商品コード,商品名,よみ,価格,年齢制限\n"
        "1001,缶ビール,かんびーる,228,20歳\n1002,みかん,,80,\n1003,酒,さけ,900,old\n".encode(),
        where="plu.csv",
    )
    assert [(item.reading, item.minimum_age) for item in file.items] == [("かんびーる", 20), (None, None)]
    assert [(bad.line, "minimum_age" in bad.message) for bad in file.bad] == [(4, True)]
