"""Putting tables of the configuration file: only what differs is written, a default stays unspelt."""

from __future__ import annotations

from collections.abc import Mapping

from tenban.sites.blocks import REMOVED, Address
from tenban.sites.edit import Edit, refuse_known


def put(
    edit: Edit,
    shop: Address,
    kind: str,
    its_id: str,
    values: dict[str, object],
    *,
    new: bool,
    defaults: dict[str, object] | None = None,
) -> Address:
    """Add a table with an id, or set the keys of one that is there; return its address."""
    defaults = defaults or {}
    if new:
        refuse_known(edit, shop, kind, its_id)
        kept = {key: value for key, value in values.items() if defaults.get(key) != value}
        return edit.add(shop, kind, {"id": its_id, **kept})
    address = edit.named(shop, kind, its_id)
    set_keys(edit, address, values, defaults)
    return address


def set_keys(
    edit: Edit, address: Address, values: Mapping[str, object], defaults: Mapping[str, object]
) -> None:
    """Set what differs; a default that the file does not spell out stays unspelt."""
    known = edit.at(address)
    changed = {
        key: value for key, value in values.items() if known.get(key, defaults.get(key, REMOVED)) != value
    }
    if changed:
        edit.set(address, changed)


def set_nested_keys(
    edit: Edit, address: Address, values: Mapping[str, object], defaults: Mapping[str, object]
) -> None:
    """Set what differs in a table that may not be there yet."""
    known = edit.at(address) or {}
    changed = {key: value for key, value in values.items() if known.get(key, defaults.get(key)) != value}
    if changed:
        edit.set_nested(address, changed)
