"""How many items a sale's events registered and did not void, from a journal's text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from typing import Any

COLUMNS = ("event_id", "sale", "type", "line", "quantity", "weight_g")
"""Columns of a journal in CSV; ``type`` must be there, others are passed over."""


def count_registered(text: str) -> tuple[int, list[tuple[int, str]]]:
    """Return the items registered and not voided, and (line number, why) of each line set aside.

    One JSON object per line, or CSV with the column names (``COLUMNS``) in its first line. A weighed item
    counts 1, and an event that comes twice counts once.
    """
    total = 0
    known: set[str] = set()
    weighed: set[tuple[Any, Any]] = set()
    set_aside: list[tuple[int, str]] = []
    text = text.removeprefix("\ufeff")
    for number, event in _rows(text) if _is_csv(text) else enumerate(text.splitlines(), start=1):
        if event == "" or (isinstance(event, str) and event.isspace()):
            continue
        try:
            total += _items_in(json.loads(event) if isinstance(event, str) else event, known, weighed)
        except (ValueError, RecursionError) as error:
            # Policy: a line that is no such event is told with its number, and the others count.
            set_aside.append((number, str(error)))
    return total, set_aside


def _is_csv(text: str) -> bool:
    first = text.lstrip().split("\n", 1)[0]
    return "," in first and "type" in [name.strip().strip('"') for name in first.split(",")]


def _rows(text: str) -> Iterator[tuple[int, Any]]:
    reader = csv.DictReader(text.strip().splitlines(), skipinitialspace=True)
    for row in reader:
        item = {name: row.get(name) or None for name in ("line", "quantity", "weight_g")}
        if item["quantity"] is None:
            del item["quantity"]
        elif item["quantity"].strip().lstrip("-").isdecimal():
            item["quantity"] = int(item["quantity"])
        yield reader.line_num, {**row, "event_id": row.get("event_id") or None, "item": item}


def _items_in(event: Any, known: set[str], weighed: set[tuple[Any, Any]]) -> int:
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError('expected a sale event with a "type"')  # noqa: TRY004  # one kind of bad line
    if event["type"] not in {"item_registered", "item_voided"}:
        return 0
    item = event.get("item")
    if not isinstance(item, dict):
        raise ValueError(f'expected {event["type"]} to carry an "item", got {item!r}')  # noqa: TRY004  # as above
    name = event.get("event_id")
    if isinstance(name, str) and name in known:
        return 0
    line_key = (str(event.get("sale")), str(item.get("line")))
    quantity = item.get("quantity", 1)
    if event["type"] == "item_registered" and item.get("weight_g") is not None:
        weighed.add(line_key)
    if quantity is None or line_key in weighed:
        quantity = 1
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise ValueError(f"expected a quantity of 1 or more, got {quantity!r}")
    if isinstance(name, str):
        known.add(name)
    return quantity if event["type"] == "item_registered" else -quantity
