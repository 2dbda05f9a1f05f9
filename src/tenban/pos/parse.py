"""From a till's JSON to checked, masked facts; each event is judged on its own.

The outcome is a plain dict with known keys (*told*): it goes to the database as it is, and thousands a second
pass here, so no object is built per event. :func:`tenban.pos.queries.event_of` makes a
:class:`~tenban.pos.model.SaleEvent` of it when somebody reads it.

Fields we do not know are kept, masked, under ``extra``, as long as they stay small: tills say more than
asked. ``null`` means the same as leaving the field out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeAlias

import orjson

from tenban.base.clock import from_rfc3339
from tenban.base.errors import BadInput
from tenban.pos.masking import last_four, mask_code, mask_identifier, mask_json, mask_text
from tenban.pos.model import Answer, Entered, SaleEventType

Told: TypeAlias = dict[str, Any]

MAX_EVENTS = 1_000
MAX_BODY_BYTES = 1 << 20
MAX_EXTRA_BYTES = 4_096
MAX_EXTRA_DEPTH = 6
MAX_PAYMENTS = 32
MAX_AMOUNT = 999_999_999_999  # 12 digits: shorter than any card number
MAX_COUNT = 1_000_000
MAX_SEQ = 1_000_000_000

_EARLIEST_AT = from_rfc3339("1970-01-01T00:00:00Z")
_LATEST_AT = from_rfc3339("2200-01-01T00:00:00Z")

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}").fullmatch
_NOT_PRINTED = re.compile(r"[\x00-\x1f\x7f]")
_TYPES: Final = {kind.value: kind.value for kind in SaleEventType}
_ENTERED: Final = {kind.value for kind in Entered}
_ANSWERS: Final = {kind.value for kind in Answer}

_ALWAYS: Final = frozenset({"event_id", "register", "seq", "type", "rung_at"})
_IN_A_SALE: Final = _ALWAYS | {"sale"}
_REQUIRED: Final = {
    "sale_started": _IN_A_SALE,
    "item_registered": _IN_A_SALE | {"item"},
    "item_voided": _IN_A_SALE | {"item"},
    "payment_started": _IN_A_SALE,
    "paid": _IN_A_SALE,
    "sale_cancelled": _IN_A_SALE,
    "sale_suspended": _IN_A_SALE,
    "sale_resumed": _IN_A_SALE,
    "refunded": _ALWAYS,
    "sale_voided": _ALWAYS,
    "drawer_opened": _ALWAYS,
    "assist_requested": _ALWAYS,
    "cashier_signed_on": _ALWAYS,
    "cashier_signed_off": _ALWAYS,
    "hint_answered": _IN_A_SALE | {"answer"},
}


def read_event(raw: object) -> Told:
    """Return what one event tells, checked, normalised and masked.

    Raises:
        BadInput: names the field, what was expected and what came (masked, too).
    """
    if type(raw) is not dict:
        raise BadInput("event", expected="an object", came=describe(raw))
    told: Told = {}
    extra: dict[str, Any] | None = None
    for name, value in raw.items():
        reader = _EVENT_FIELDS.get(name)
        if reader is None:
            extra = extra or {}
            extra[name] = value
        elif value is not None:
            told[name] = reader(value, name)
    required = _REQUIRED.get(told.get("type", ""), _ALWAYS)
    if not required.issubset(told):
        name = min(required - told.keys())
        raise BadInput(name, expected=_EXPECTED.get(name, "a value"), came="nothing")
    if "item" in told and told["type"] != "item_voided":
        told["item"].setdefault("quantity", 1)
    if extra is not None:
        told["extra"] = _extra(extra)
    return told


def read_id(raw: object) -> str:
    """Return an event's id alone, so that the answer to an unreadable event can name it.

    Raises:
        BadInput: it has none.
    """
    return _uuid(raw.get("event_id") if type(raw) is dict else None, "event_id")


def text_of(told: Told) -> str:
    """Return a told event as the text that is kept: the same event always gives the same text.

    Raises:
        BadInput: it holds what JSON in UTF-8 cannot say (half a surrogate pair).
    """
    return _dumped(told).decode()


def _dumped(value: object) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError as error:
        raise BadInput("event", expected="what JSON in UTF-8 can say", came=error) from error


def _uuid(value: object, where: str) -> str:
    if type(value) is str and _UUID(value):
        return value.lower()
    raise BadInput(where, expected=_EXPECTED["event_id"], came=describe(value))


def _identifier(value: object, where: str) -> str:
    if type(value) is str and 0 < len(value) <= 64:
        identifier = _as_identifier(value)
        if identifier:
            return identifier
    raise BadInput(where, expected="text of 1 to 64 characters", came=describe(value))


@lru_cache(maxsize=4_096)  # the same few registers, sales and lines come again and again
def _as_identifier(text: str) -> str:
    return mask_identifier(_normal(text))


def _line(value: object, where: str) -> str:
    return _identifier(str(value) if type(value) is int else value, where)


def _plu(value: object, where: str) -> str:
    if type(value) is int:
        raise BadInput(where, expected="a code as text (leading zeros count)", came=describe(value))
    if type(value) is str and len(value) <= 64:
        code = _as_code(value)
        if code:
            return code
    raise BadInput(where, expected="a code of 1 to 64 characters", came=describe(value))


@lru_cache(maxsize=4_096)
def _as_code(text: str) -> str:
    return mask_code(_normal(text))


def _text(longest: int) -> Callable[[object, str], str]:
    expected = f"text of at most {longest} characters"

    def read(value: object, where: str) -> str:
        if type(value) is not str or len(value) > longest:
            raise BadInput(where, expected=expected, came=describe(value))
        if len(value) < 13:  # too short for a card number
            return value if value.isprintable() else _NOT_PRINTED.sub(" ", value)
        return mask_text(value if value.isprintable() else _NOT_PRINTED.sub(" ", value))

    return read


def _whole(lowest: int, highest: int) -> Callable[[object, str], int]:
    expected = f"a whole number from {lowest} to {highest}"

    def read(value: object, where: str) -> int:
        if type(value) is int and lowest <= value <= highest:
            return value
        raise BadInput(where, expected=expected, came=describe(value))

    return read


def _type(value: object, where: str) -> str:
    kind = _TYPES.get(value) if type(value) is str else None
    if kind is None:
        raise BadInput(where, expected="one of " + ", ".join(_TYPES), came=describe(value))
    return kind


def _entered(value: object, where: str) -> str:
    if type(value) is str and value in _ENTERED:
        return value
    raise BadInput(where, expected="one of scan, key, image", came=describe(value))


def _answer(value: object, where: str) -> str:
    if type(value) is str and value in _ANSWERS:
        return value
    raise BadInput(where, expected="one of scan, put_back", came=describe(value))


def _about(value: object, where: str) -> str:
    # Not masked as text is: a finding's key holds UUIDs, whose digits pass for card numbers by chance.
    if type(value) is str and 0 < len(value) <= 200 and value.isprintable():
        return mask_identifier(_normal(value))
    raise BadInput(where, expected="the finding's key that came with the hint", came=describe(value))


def _instant(value: object, where: str) -> int:
    if type(value) is str and len(value) <= 40:
        try:
            at = from_rfc3339(value)
        except (ValueError, OverflowError) as error:
            raise BadInput(where, expected=_EXPECTED["rung_at"], came=describe(value)) from error
        if _EARLIEST_AT <= at < _LATEST_AT:
            return at
    raise BadInput(where, expected=_EXPECTED["rung_at"], came=describe(value))


def _item(value: object, where: str) -> Told:
    if type(value) is not dict:
        raise BadInput(where, expected="an object", came=describe(value))
    item: Told = {}
    for name, inner in value.items():
        field = _ITEM_FIELDS.get(name)
        if field is None:
            item.setdefault("extra", {})[name] = inner
        elif inner is not None:
            reader, inside = field
            item[name] = reader(inner, inside)
    if "extra" in item:
        item["extra"] = _extra(item["extra"])
    if not ("plu" in item or "line" in item or "name" in item):
        raise BadInput(where, expected="at least one of line, plu, name", came="none of them")
    return item


def _payments(value: object, where: str) -> list[Told]:
    if type(value) is not list or len(value) > MAX_PAYMENTS:
        raise BadInput(where, expected=f"an array of at most {MAX_PAYMENTS} payments", came=describe(value))
    return [_payment(payment, f"{where}[{at}]") for at, payment in enumerate(value)]


def _payment(value: object, where: str) -> Told:
    if type(value) is not dict:
        raise BadInput(where, expected="an object", came=describe(value))
    payment: Told = {}
    extra: dict[str, Any] = {}
    for name, inner in value.items():
        reader = _PAYMENT_FIELDS.get(name)
        if reader is None:
            extra[name] = inner
        elif inner is not None:
            payment[name] = reader(inner, f"{where}.{name}")
    if "method" not in payment:
        raise BadInput(f"{where}.method", expected="text such as cash or card", came="nothing")
    if extra:
        payment["extra"] = _extra(extra)
    return payment


def _card(value: object, where: str) -> str | None:
    if type(value) is int:
        value = str(value)
    if type(value) is not str or len(value) > 64:
        raise BadInput(where, expected="the last four digits as text", came="something else")
    return last_four(value)


def _extra(extra: dict[str, Any]) -> dict[str, Any]:
    if not _shallow(extra, MAX_EXTRA_DEPTH) or len(_dumped(extra)) > MAX_EXTRA_BYTES:
        raise BadInput(
            "fields this version does not know",
            expected=f"at most {MAX_EXTRA_BYTES} bytes, nested at most {MAX_EXTRA_DEPTH} deep",
            came=f"{len(extra)} fields that are more",
        )
    masked: dict[str, Any] = mask_json(extra)
    return masked


def _shallow(value: object, depth: int) -> bool:
    if isinstance(value, dict):
        return depth > 0 and all(_shallow(inner, depth - 1) for inner in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_shallow(inner, depth - 1) for inner in value)
    return True


def _normal(text: str) -> str:
    """Full-width letters and digits become plain ones, what is not printed becomes a space."""
    return _NOT_PRINTED.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def describe(value: object) -> str:
    """Return what came, safe for an answer and a log line."""
    if isinstance(value, str):
        return repr(mask_text(value)) if len(value) <= 60 else f"text of {len(value)} characters"
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    if isinstance(value, int):
        return mask_text(str(value)) if abs(value) < 10**24 else "a far larger number"
    if isinstance(value, float):
        return mask_text(repr(value))
    if isinstance(value, list):
        return f"an array of {len(value)}"
    return "an object" if isinstance(value, dict) else type(value).__name__


_EXPECTED: Final = {
    "event_id": "a UUID such as 0196a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
    "register": "a register's id",
    "rung_at": "a time with an offset such as 2026-11-22T12:05:57.123+09:00, from 1970 to 2199",
    "sale": "the sale's number as text",
    "seq": "a whole number, 1 for a sale's first event",
    "type": "one of " + ", ".join(_TYPES),
    "item": "an object",
    "answer": "scan or put_back",
}

_AMOUNT: Final = _whole(-MAX_AMOUNT, MAX_AMOUNT)
_ITEM_FIELDS: Final[dict[str, tuple[Callable[[object, str], Any], str]]] = {
    "line": (_line, "item.line"),
    "plu": (_plu, "item.plu"),
    "name": (_text(200), "item.name"),
    "quantity": (_whole(1, MAX_COUNT), "item.quantity"),
    "weight_g": (_whole(0, MAX_COUNT), "item.weight_g"),
    "unit_price": (_AMOUNT, "item.unit_price"),
    "amount": (_AMOUNT, "item.amount"),
    "entered": (_entered, "item.entered"),
}
_PAYMENT_FIELDS: Final[dict[str, Callable[[object, str], Any]]] = {
    "method": _text(64),
    "amount": _AMOUNT,
    "card": _card,
}
_EVENT_FIELDS: Final[dict[str, Callable[[object, str], Any]]] = {
    "event_id": _uuid,
    "register": _identifier,
    "sale": _identifier,
    "seq": _whole(1, MAX_SEQ),
    "type": _type,
    "rung_at": _instant,
    "item": _item,
    "total": _AMOUNT,
    "amount": _AMOUNT,
    "payments": _payments,
    "of_sale": _identifier,
    "reason": _text(500),
    "cashier": _text(64),
    "note": _text(500),
    "answer": _answer,
    "about": _about,
    "approval": _uuid,
}
