"""Changes of ``tenban.toml``, text in and text out; comments and order stay. Pure.

Each change is made twice, on the blocks of the text and on the plain document; only where both come to the
same is the new text given out.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from tenban.base.errors import BadInput, NotFound
from tenban.sites.blocks import REMOVED, Address, NotEditable, split


class Edit:
    """One text being changed.

    Args:
        text: a configuration file that checks.
    """

    def __init__(self, text: str) -> None:
        self._blocks = split(text)
        self.document: dict[str, Any] = tomllib.loads(text)

    @property
    def text(self) -> str:
        """The changed text.

        Raises:
            NotEditable: the file is written in a form in which the change came out differently.
        """
        text = self._blocks.text
        try:
            came = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise NotEditable(f"tenban.toml: the change cannot be written here: {error}") from error
        if came != self.document:
            raise NotEditable(
                "tenban.toml: expected the change to come out as meant, got something else; "
                "please edit the file by hand"
            )
        return text

    def at(self, address: Address) -> Any:
        """Return what stands at an address of the document; None for nothing."""
        found: Any = self.document
        for part in address:
            if isinstance(found, list) and isinstance(part, int):
                found = found[part] if part < len(found) else None
            else:
                found = found.get(part) if isinstance(found, dict) else None
        return found

    def named(self, parent: Address, kind: str, its_id: str) -> Address:
        """Return the address of the element of an array that has this id; raises NotFound."""
        for number, one in enumerate(self.at((*parent, kind)) or []):
            if one.get("id") == its_id:
                return (*parent, kind, number)
        raise NotFound(f"there is no {kind} {its_id!r} here")

    def register(self, register_id: str) -> Address:
        """Return the address of a register, whichever shop it stands in; raises NotFound."""
        for number, shop in enumerate(self.at(("shop",)) or []):
            for place, register in enumerate(shop.get("register", [])):
                if register.get("id") == register_id:
                    return ("shop", number, "register", place)
        raise NotFound(f"there is no register {register_id!r}")

    def stands_alone(self, address: Address) -> bool:
        """Tell whether a table is written under a header of its own."""
        return self._blocks.find(address) is not None

    def forget(self, address: Address) -> None:
        """Drop a table that only was there for what stood below it."""
        parent = self.at(address[:-1])
        del parent[address[-1]]

    def set(self, address: Address, values: Mapping[str, object]) -> None:
        """Set keys of a table that exists; ``REMOVED`` takes a key away."""
        self._blocks.set_keys(address, values)
        _set(self.at(address), values)

    def set_nested(self, address: Address, values: Mapping[str, object]) -> None:
        """Set keys of a table that may stand under a header, in its parent's body, or nowhere yet."""
        outer, nested = address, dict(values)
        while self._blocks.find(outer) is None and outer and isinstance(outer[-1], str):
            nested = {outer[-1]: nested}
            outer = outer[:-1]
        known = self.at(address)
        if known is None and outer != address:
            self._add_table(address, values)
            return
        self._blocks.set_keys(outer, nested)
        _set(known, values)

    def add(self, parent: Address, kind: str, values: Mapping[str, object]) -> Address:
        """Add an element to an array of tables and return its address."""
        known = self.at((*parent, kind)) or []
        address = (*parent, kind, len(known))
        last = self._blocks.last_within((*parent, kind, len(known) - 1)) if known else None
        if known and last is None:
            raise NotEditable(f"tenban.toml: expected {kind} to be written as [[…{kind}]], got another form")
        if last is None:
            last = self._blocks.find(parent)
        if last is None:
            raise NotEditable(f"tenban.toml: expected a header to add {kind} below, found none")
        header = ".".join(str(part) for part in address if isinstance(part, str))
        self._blocks.insert(last + 1, address, f"[[{header}]]", values)
        target = self.at(parent)
        target.setdefault(kind, []).append(_plain(values))
        return address

    def remove(self, address: Address) -> None:
        """Take an element of an array, or a table, away with all below it."""
        if self._blocks.find(address) is None:
            raise NotEditable("tenban.toml: expected a header of its own to take away, found none")
        self._blocks.remove(address)
        parent, last = self.at(address[:-1]), address[-1]
        del parent[last]
        if isinstance(last, int):
            if not parent:
                del self.at(address[:-2])[address[-2]]
            # The numbers of those behind it have moved.
            text = self._blocks.text
            self._blocks = split(text)

    def set_list(
        self, parent: Address, kind: str, wanted: Sequence[tuple[int | None, Mapping[str, object]]]
    ) -> None:
        """Make an array of tables what is wanted; elements that stay keep their comments.

        Args:
            parent: the table that holds the array.
            kind: the array's key.
            wanted: (place so far or None for a new one, values); those that stay keep their order.
        """
        known = self.at((*parent, kind)) or []
        if known and self._blocks.find((*parent, kind, 0)) is None:
            inline = [dict(values) for _, values in wanted]
            self.set(parent, {kind: inline})
            return
        stays = {was: values for was, values in wanted if was is not None}
        for place in reversed(range(len(known))):
            if place in stays:
                old = known[place]
                changed = {key: value for key, value in stays[place].items() if old.get(key) != value}
                if changed:
                    self.set((*parent, kind, place), changed)
            else:
                self.remove((*parent, kind, place))
        for was, values in wanted:
            if was is None:
                self.add(parent, kind, values)

    def _add_table(self, address: Address, values: Mapping[str, object]) -> None:
        owner = address
        while owner and not isinstance(owner[-1], int):
            owner = owner[:-1]
        last = self._blocks.find(owner) if owner else len(self._blocks.blocks) - 1
        if last is None:
            raise NotEditable("tenban.toml: expected a header to add settings below, found none")
        header = ".".join(str(part) for part in address if isinstance(part, str))
        self._blocks.insert(last + 1, address, f"[{header}]", values)
        target: Any = self.document if not owner else self.at(owner)
        for part in address[len(owner) :]:
            target = target.setdefault(part, {})
        _set(target, values)


def _set(table: dict[str, Any], values: Mapping[str, object]) -> None:
    for key, value in values.items():
        if value is REMOVED:
            table.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(table.get(key), dict):
            _set(table[key], value)
        else:
            table[key] = deepcopy(value)


def _plain(values: Mapping[str, object]) -> dict[str, Any]:
    return {key: deepcopy(value) for key, value in values.items() if value is not REMOVED}


def refuse_known(edit: Edit, parent: Address, kind: str, its_id: str) -> None:
    """Refuse an id that is taken; raises BadInput."""
    try:
        edit.named(parent, kind, its_id)
    except NotFound:
        return
    raise BadInput("id", expected="an id that is free", came=its_id)
