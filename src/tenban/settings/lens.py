"""Changing what is known of a fisheye camera: its lens, its mount, and its named views."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tenban.access.model import Function
from tenban.base.errors import BadInput
from tenban.settings.change import Changing
from tenban.sites.blocks import REMOVED, Address
from tenban.sites.edit import Edit

_Number = Annotated[float, Field(allow_inf_nan=False)]


class NamedView(BaseModel):
    """A named view, as set on the page."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(max_length=100)]
    name: Annotated[str, Field(max_length=200)]
    pan: _Number = 0.0
    tilt: _Number = 0.0
    zoom: _Number = 1.0

    def values(self) -> dict[str, Any]:
        """Return the view's keys; a tenth of a degree is less than a pixel of most cameras."""
        return {
            "id": self.id,
            "name": self.name.strip(),
            "pan": round(self.pan, 1),
            "tilt": round(self.tilt, 1),
            "zoom": round(self.zoom, 2),
        }


class SetFisheye(Changing):
    """The lens of a camera; ``on`` False: it is no fisheye camera (any more)."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["fisheye"]
    shop: str
    camera: str
    on: bool = True
    mount: str = "ceiling"
    lens: str = "equidistant"
    circle: Annotated[list[_Number], Field(max_length=3)] = [0.5, 0.5, 0.5]
    fov: _Number = 180.0
    turned: _Number = 0.0
    coefficients: Annotated[list[_Number], Field(max_length=4)] = []
    views: Annotated[list[NamedView], Field(max_length=24)] = []

    @property
    def function(self) -> Function:
        """What the actor must be allowed to do."""
        return Function.SETTINGS_EDIT

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set the lens whole, unless a view goes that a register looks through.

        Raises:
            BadInput: such a view goes.
        """
        shop = edit.named((), "shop", self.shop)
        address = (*edit.named(shop, "camera", self.camera), "fisheye")
        known = edit.at(address)
        kept = {view.id for view in self.views} if self.on else set()
        gone = {view["id"] for view in (known or {}).get("view", [])} - kept
        users = [
            register["name"]
            for register in edit.at((*shop, "register")) or []
            if any(view.get("camera") in gone for view in register.get("view", []))
        ]
        if users:
            raise BadInput("views", expected="the views that registers look through", came=", ".join(users))
        if not self.on:
            if known is not None:
                self._remove(edit, address)
            return address[:-1], self.shop
        values: dict[str, object] = {
            "mount": self.mount,
            "lens": self.lens,
            "circle": [round(one, 4) for one in self.circle],
            "fov": round(self.fov, 1),
            "turned": round(self.turned, 1) or REMOVED,
            "coefficients": self.coefficients or REMOVED,
            "view": [view.values() for view in self.views] or REMOVED,
        }
        changed = {key: value for key, value in values.items() if (known or {}).get(key, REMOVED) != value}
        if changed:
            edit.set_nested(address, changed)
        return address, self.shop

    def _remove(self, edit: Edit, address: Address) -> None:
        if edit.stands_alone(address):
            edit.remove(address)
        else:
            edit.set(address[:-1], {address[-1]: REMOVED})  # type: ignore[dict-item]  # a key, not a number
