"""What every change of the settings is made of: who may make it, and how keys are set that differ."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from tenban.access.model import Function
from tenban.sites.blocks import REMOVED, Address
from tenban.sites.edit import Edit, refuse_known


def _tidy(text: object) -> object:
    # NFKC would also change what a name is meant to look like; only what cannot be seen goes.
    return unicodedata.normalize("NFC", text).strip() if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_tidy), Field(max_length=2000)]
"""Text as typed; what it must be is for the file's own checks to say."""


class Changing(BaseModel, ABC):
    """One change, as a page sends it."""

    model_config = ConfigDict(extra="forbid")

    @property
    def function(self) -> Function:
        """What the actor must be allowed to do."""
        return Function.SETTINGS_EDIT

    @property
    def proof(self) -> Function:
        """What the actor has to have shown who they are for."""
        return self.function

    @abstractmethod
    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Change the text; return the table it is about, and which shop it is in (empty: all)."""


def set_own(
    edit: Edit, address: Address, values: Mapping[str, object], defaults: Mapping[str, object]
) -> None:
    """Set what differs; a default that the file does not spell out stays unspelt."""
    known = edit.at(address)
    changed = {
        key: value for key, value in values.items() if known.get(key, defaults.get(key, REMOVED)) != value
    }
    if changed:
        edit.set(address, changed)


def set_nested(
    edit: Edit, address: Address, values: Mapping[str, object], defaults: Mapping[str, object]
) -> None:
    """Set what differs in a table that may not be there yet."""
    known = edit.at(address) or {}
    changed = {key: value for key, value in values.items() if known.get(key, defaults.get(key)) != value}
    if changed:
        edit.set_nested(address, changed)


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
    set_own(edit, address, values, defaults)
    return address
