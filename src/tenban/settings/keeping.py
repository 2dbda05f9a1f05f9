"""Changes of what a shop keeps of people: how long, whether sealed, what it publishes; a camera's share."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from tenban.access.model import Function
from tenban.settings.change import Changing, Text, set_nested, set_own
from tenban.sites.blocks import REMOVED, Address
from tenban.sites.edit import Edit
from tenban.sites.retention import LIMITS, PURPOSES


def _typed(text: object) -> object:
    # A Japanese keyboard types wide digits; thousands are often written with a comma.
    return unicodedata.normalize("NFKC", text).strip().replace(",", "") if isinstance(text, str) else text


_Days: TypeAlias = Annotated[
    Annotated[int | Text, Field(union_mode="left_to_right")], BeforeValidator(_typed)
]
_Gigabytes: TypeAlias = Annotated[
    Annotated[float | Text, Field(union_mode="left_to_right")], BeforeValidator(_typed)
]


class SetRetention(Changing):
    """How many days a shop keeps each kind of data."""

    kind: Literal["retention"]
    shop: str
    footage: int
    sale_stills: int
    pictures: int
    incidents: int
    sales: int
    sessions: int

    @property
    def function(self) -> Function:
        """How long pictures of people are kept is not the installer's to say."""
        return Function.RETENTION_EDIT

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set the periods that differ; a default that the file does not spell out stays unspelt."""
        address = (*edit.named((), "shop", self.shop), "retention")
        values: dict[str, object] = {kind: getattr(self, kind) for kind in LIMITS}
        set_nested(edit, address, values, {kind: limit.default for kind, limit in LIMITS.items()})
        return address, self.shop


class SetSealing(Changing):
    """Whether a shop's footage is sealed; what was recorded before stays as it is."""

    kind: Literal["sealing"]
    shop: str
    footage: bool

    @property
    def function(self) -> Function:
        """How pictures of people are kept is decided by whoever decides how long."""
        return Function.RETENTION_EDIT

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set it where it differs."""
        address = (*edit.named((), "shop", self.shop), "sealing")
        set_nested(edit, address, {"footage": self.footage}, {"footage": False})
        return address, self.shop


class SetNotice(Changing):
    """What a shop publishes about its cameras."""

    kind: Literal["notice"]
    shop: str
    on: bool
    responsible: Text
    contact: Text
    purposes: list[str]
    extra: Text = ""

    @property
    def function(self) -> Function:
        """As the periods it tells."""
        return Function.RETENTION_EDIT

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set what differs."""
        address = (*edit.named((), "shop", self.shop), "notice")
        values: dict[str, object] = {
            "on": self.on,
            "responsible": self.responsible,
            "contact": self.contact,
            "purposes": [one for one in PURPOSES if one in self.purposes],
            "extra": self.extra,
        }
        defaults = {"on": False, "responsible": "", "contact": "", "purposes": list(PURPOSES), "extra": ""}
        set_nested(edit, address, values, defaults)
        return address, self.shop


class SetKept(Changing):
    """How much of one camera's footage is kept; nothing: as long as the shop keeps footage, and all of it."""

    kind: Literal["kept"]
    shop: str
    camera: Text
    keep_days: _Days | None = None
    max_gb: _Gigabytes | None = None

    @property
    def function(self) -> Function:
        """As the shop's own periods: not the installer's to say."""
        return Function.RETENTION_EDIT

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set what differs; what is no number stays as typed, and the file's own checks say so."""
        address = edit.named(edit.named((), "shop", self.shop), "camera", self.camera)
        most = self.max_gb
        if isinstance(most, float) and most.is_integer():
            most = int(most)
        values: dict[str, object] = {
            key: REMOVED if value is None or value == "" else value
            for key, value in (("keep_days", self.keep_days), ("max_gb", most))
        }
        set_own(edit, address, values, {})
        return address, self.shop
