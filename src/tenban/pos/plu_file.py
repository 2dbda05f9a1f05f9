"""Reading a PLU master from CSV or JSON; one bad line is reported with its number and costs nothing else.

Text may be UTF-8 (with or without byte order mark) or Shift_JIS as Windows writes it (cp932). CSV has a
header row; its columns may be named in Japanese. JSON is an array of objects, or an object with ``items``.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from tenban.base.errors import BadInput
from tenban.pos.codes import DEFAULT_LAYOUTS, Layout, read_code

UNITS: Final = ("piece", "kg")
MAX_PRICE = 999_999_999

_COLUMNS: Final = {
    "code": ("code", "plu", "jan", "barcode", "gtin", "ean", "商品コード", "janコード", "バーコード"),
    "name": ("name", "description", "商品名", "品名", "名称"),
    "unit_price": ("unit_price", "price", "単価", "価格", "売価", "販売価格"),
    "unit": ("unit", "sold_by", "単位"),
    "category": ("category", "department", "部門", "分類"),
    "reading": ("reading", "kana", "よみ", "読み", "よみがな", "カナ", "商品名カナ"),
    "minimum_age": ("minimum_age", "age", "年齢制限", "年齢"),
}
_FIELD_OF: Final = {alias: field for field, aliases in _COLUMNS.items() for alias in aliases}
_UNIT_OF: Final = {
    "": "piece", "piece": "piece", "each": "piece", "個": "piece", "点": "piece", "本": "piece",
    "kg": "kg", "キロ": "kg",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PluItem:
    """One article. ``unit_price`` is in minor units for a piece or a kilogram; None: priced elsewhere.

    ``reading`` is the name in kana, for whoever searches; ``minimum_age`` in years, None: for anybody.
    """

    code: str
    name: str
    unit_price: int | None = None
    unit: str = "piece"
    category: str | None = None
    reading: str | None = None
    minimum_age: int | None = None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was set aside, and why; ``code`` where it could be read."""

    line: int
    message: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class PluFile:
    """What a file holds; of lines with the same code the last counts, the others are set aside."""

    items: tuple[PluItem, ...]
    bad: tuple[BadLine, ...]


def read_plu(data: bytes, *, where: str, layouts: Sequence[Layout] = DEFAULT_LAYOUTS) -> PluFile:
    """Return the articles of a file and the lines that were set aside.

    Raises:
        BadInput: the file as a whole cannot be read.
    """
    text = _decoded(data, where)
    lines = _json_lines(text, where) if text.lstrip()[:1] in {"[", "{"} else _csv_lines(text, where)
    items: dict[str, tuple[int, PluItem]] = {}
    bad: list[BadLine] = []
    for number, fields in lines:
        code: str | None = None
        try:
            code = read_code(_text(fields, "code"), layouts).key
            item = _item(code, fields)
        except BadInput as error:
            bad.append(BadLine(number, str(error), code))
            continue
        if code in items:
            bad.append(
                BadLine(items[code][0], f"code {code}: line {number} has the same code and counts", code)
            )
        items[code] = (number, item)
    bad.sort(key=lambda one: one.line)
    return PluFile(tuple(item for _, item in items.values()), tuple(bad))


def _item(code: str, fields: Mapping[str, Any]) -> PluItem:
    name = _text(fields, "name")
    if not name or len(name) > 200:
        raise BadInput("name", expected="1 to 200 characters", came=f"{len(name)} characters")
    unit = _text(fields, "unit").lower()
    if unit not in _UNIT_OF:
        raise BadInput("unit", expected=" or ".join(UNITS), came=repr(unit[:40]))
    category = _text(fields, "category")
    if len(category) > 100:
        raise BadInput("category", expected="at most 100 characters", came=f"{len(category)} characters")
    reading = _text(fields, "reading")[:200]
    return PluItem(
        code, name, _price(fields), _UNIT_OF[unit], category or None, reading or None, _age(fields)
    )


def _age(fields: Mapping[str, Any]) -> int | None:
    text = _text(fields, "minimum_age").removesuffix("歳")
    if not text:
        return None
    if not (text.isdecimal() and text.isascii()) or not 1 <= int(text) <= 120:
        raise BadInput("minimum_age", expected="a whole number of years from 1 to 120", came=repr(text[:40]))
    return int(text)


def _price(fields: Mapping[str, Any]) -> int | None:
    text = _text(fields, "unit_price").lstrip("¥\\").removesuffix("円").replace(",", "").strip()
    if not text:
        return None
    if not (text.isdecimal() and text.isascii()) or int(text) > MAX_PRICE:
        raise BadInput(
            "unit_price", expected="a whole number of minor units (yen, cents)", came=repr(text[:40])
        )
    return int(text)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise BadInput(name, expected="text or a whole number", came=type(value).__name__)
    text = unicodedata.normalize("NFKC", str(value)).replace("\x00", " ")
    return " ".join(text.split())


def _decoded(data: bytes, where: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadInput(where, expected="UTF-8 or Shift_JIS text", came="UTF-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass  # Policy: what is no UTF-8 is tried as Shift_JIS, which rejects most other bytes
    try:
        return data.decode("cp932")
    except UnicodeDecodeError as error:
        raise BadInput(
            where, expected="UTF-8 or Shift_JIS text", came=f"byte {error.start} that is neither"
        ) from error


def _csv_lines(text: str, where: str) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter="\t" if first.count("\t") > first.count(",") else ","
    )
    try:
        header = [unicodedata.normalize("NFKC", name).strip().lower() for name in next(reader, [])]
        fields = [_FIELD_OF.get(name, "") for name in header]
        if "code" not in fields or "name" not in fields:
            raise BadInput(
                f"{where}, line 1",
                expected="a header with at least code and name (商品コード, 商品名)",
                came=", ".join(header)[:120] or "nothing",
            )
        before = reader.line_num
        for row in reader:
            if any(cell.strip() for cell in row):
                yield before + 1, {name: cell for name, cell in zip(fields, row, strict=False) if name}
            before = reader.line_num
    except csv.Error as error:
        raise BadInput(f"{where}, line {reader.line_num}", expected="CSV", came=error) from error


def _json_lines(text: str, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number the entries of the array from 1."""
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadInput(
            f"{where}, line {error.lineno} column {error.colno}", expected="JSON", came=error.msg
        ) from error
    entries = document.get("items") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise BadInput(where, expected="an array of articles, or an object with items", came="neither")
    for number, entry in enumerate(entries, 1):
        named = entry.items() if isinstance(entry, dict) else ()
        yield number, {_FIELD_OF[key.lower()]: value for key, value in named if key.lower() in _FIELD_OF}
