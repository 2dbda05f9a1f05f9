"""What people may change: each change names what it needs, who may make it, and edits the file's text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from tenban.access.model import Function
from tenban.base.errors import BadInput
from tenban.findings.settings import FORMER_KEYS, describe
from tenban.settings.change import Changing, Text, put, set_own
from tenban.settings.keeping import SetKept, SetNotice, SetRetention, SetSealing
from tenban.settings.lens import SetFisheye
from tenban.settings.signing_in import SetOidc, SetSessions, SetStepUp
from tenban.sites.address import compose, shown
from tenban.sites.blocks import REMOVED, Address
from tenban.sites.edit import Edit, refuse_known
from tenban.sites.reach import NotReached, Reach


class SetCompany(Changing):
    """The company's name."""

    kind: Literal["company"]
    name: Text

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set the name."""
        edit.set_nested(("company",), {"name": self.name})
        return ("company",), ""


def _check_broker(edit: Edit, host: str) -> None:
    """Refuse what can be told from the name alone; what it leads to is looked at when it is connected to."""
    allow = (edit.at(("network",)) or {}).get("allow", ())
    try:
        Reach("broker", tuple(allow)).check_name(host)
    except NotReached as error:
        raise BadInput("host", expected=error.expected, came=error.came) from error


class SetMqtt(Changing):
    """The broker of the lamps. A password of None is left untouched; without a user name there is none."""

    kind: Literal["mqtt"]
    on: bool
    host: Text = ""
    port: int | Text = 1883
    user: Text = ""
    password: Annotated[str | None, Field(max_length=200)] = None

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Switch MQTT on or off, or set where the broker is."""
        address: Address = ("mqtt",)
        known = edit.at(address)
        if known is None and not self.on and not self.host:
            return address, ""
        if self.host != (known or {}).get("host"):
            _check_broker(edit, self.host)
        values = {
            "on": self.on,
            "host": self.host,
            "port": self._port(),
            "username": self.user or REMOVED,
            "password": self._password(known or {}),
        }
        defaults = {"on": True, "port": 1883, "username": REMOVED, "password": REMOVED}
        kept = known or {}
        changed = {
            key: value for key, value in values.items() if kept.get(key, defaults.get(key, REMOVED)) != value
        }
        if changed:
            edit.set_nested(address, changed)
        return address, ""

    def _port(self) -> int:
        text = str(self.port)
        if not (text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= 65535):
            raise BadInput("port", expected="a number from 1 to 65535", came=repr(self.port))
        return int(text)

    def _password(self, known: Mapping[str, Any]) -> object:
        if self.password and not self.user:
            raise BadInput("user", expected="a user name, since there is a password", came="nothing")
        if not self.user:
            return REMOVED
        if self.password is not None:
            return self.password or REMOVED
        kept = known.get("password")
        if kept and (known.get("host"), known.get("port", 1883)) != (self.host, self._port()):
            raise BadInput(
                "password",
                expected="the password again, because the address leads to another device",
                came="nothing",
            )
        return kept or REMOVED


class PutShop(Changing):
    """A shop: a new one, or its own keys. Of a new one ``shop`` is its id."""

    kind: Literal["shop"]
    shop: Text
    name: Text
    timezone: Text
    currency: Text
    area: Text | None = None
    new: bool = False

    @property
    def function(self) -> Function:
        """Which shops there are, and of which area, is the company's to say."""
        of_company = self.new or self.area is not None
        return Function.COMPANY_EDIT if of_company else Function.SETTINGS_EDIT

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Add the shop, or set its name, time zone, currency and area; an area of None is left untouched."""
        values: dict[str, object] = {
            "name": self.name,
            "timezone": self.timezone,
            "currency": self.currency,
        }
        if self.area is not None and (self.area or not self.new):
            values["area"] = self.area or REMOVED
        defaults: dict[str, object] = {"timezone": "Asia/Tokyo", "currency": "JPY"}
        if self.new:
            refuse_known(edit, (), "shop", self.shop)
            # Spelt out, defaults as well: whoever reads the file sees which shop keeps which time.
            return edit.add((), "shop", {"id": self.shop, **values}), self.shop
        address = edit.named((), "shop", self.shop)
        set_own(edit, address, values, defaults)
        return address, self.shop


class RemoveShop(Changing):
    """Taking an empty shop out of the file; what it recorded and sold stays."""

    kind: Literal["remove_shop"]
    shop: str

    @property
    def function(self) -> Function:
        """Which shops there are is the company's to say."""
        return Function.COMPANY_EDIT

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Take the shop away, unless something still stands in it or it is the only one."""
        address = edit.named((), "shop", self.shop)
        held = [
            str(one["name"])
            for kind in ("register", "camera", "group")
            for one in edit.at((*address, kind)) or []
        ]
        if held:
            came = ", ".join(held[:8]) + (f" and {len(held) - 8} more" if len(held) > 8 else "")
            raise BadInput("shop", expected="a shop without registers, cameras and groups", came=came)
        if len(edit.at(("shop",))) == 1:
            raise BadInput("shop", expected="another shop beside this one", came="the only one")
        edit.remove(address)
        return (), self.shop


class PutGroup(Changing):
    """A group of attendants: a new one, or another name."""

    kind: Literal["group"]
    shop: str
    id: Text
    name: Text
    new: bool = False

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Add or rename the group."""
        shop = edit.named((), "shop", self.shop)
        return put(edit, shop, "group", self.id, {"name": self.name}, new=self.new), self.shop


class PutCamera(Changing):
    """A camera: a new one, or another address. A password, ``sub`` or ``sound`` of None is left untouched."""

    kind: Literal["camera"]
    shop: str
    id: Text
    name: Text
    address: Text
    user: Text = ""
    password: Annotated[str | None, Field(max_length=200)] = None
    transport: Literal["tcp", "udp"] = "tcp"
    record: bool = True
    new: bool = False
    sub: Text | None = None
    sound: bool | None = None

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Add the camera, or set its keys."""
        shop = edit.named((), "shop", self.shop)
        known: dict[str, Any] = {} if self.new else edit.at(edit.named(shop, "camera", self.id))
        url = compose(self.address, self.user, self.password, known=known.get("url"))
        sub = self._sub(known, url)
        # What a name leads to is looked at when the camera is opened.
        allow = (edit.at(("network",)) or {}).get("allow", ())
        for one, before in ((url, known.get("url")), (sub, known.get("sub"))):
            host = urlsplit(one).hostname if isinstance(one, str) else None
            if one != before and host is not None:
                Reach("camera", tuple(allow)).check_name(host)
        values = {
            "name": self.name,
            "url": url,
            "transport": self.transport,
            "record": self.record,
            "sub": sub,
        }
        values |= {} if self.sound is None else {"sound": self.sound}
        defaults = {"transport": "tcp", "record": True, "sound": False}
        return put(edit, shop, "camera", self.id, values, new=self.new, defaults=defaults), self.shop

    def _sub(self, known: Mapping[str, Any], url: str) -> object:
        """Return the address of the smaller stream with the user and password of the large one."""
        before = known.get("sub")
        if self.sub == "" or (self.sub is None and before is None):
            return REMOVED
        address = shown(str(before)).address if self.sub is None else self.sub
        try:
            # A password that is kept is the same at both streams of one device.
            kept = known.get("url") if shown(url).has_password else None
            return compose(address, self.user, self.password, known=before or kept)
        except BadInput as error:
            raise BadInput("sub", expected=error.expected, came=error.came) from error


class PutRegister(Changing):
    """A register: a new one, or other keys; its views and rules stay."""

    kind: Literal["register"]
    shop: str
    id: Text
    name: Text
    register_kind: Text = "self"
    group: Text | None = None
    new: bool = False

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Add the register, or set its keys."""
        shop = edit.named((), "shop", self.shop)
        values = {"name": self.name, "kind": self.register_kind, "group": self.group or REMOVED}
        return put(edit, shop, "register", self.id, values, new=self.new), self.shop


class Remove(Changing):
    """Taking a group, camera or register out of the file; its footage and incidents stay."""

    kind: Literal["remove"]
    shop: str
    of: Literal["group", "camera", "register"]
    id: str

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Take it away, unless something else needs it."""
        shop = edit.named((), "shop", self.shop)
        address = edit.named(shop, self.of, self.id)
        named = (edit.at(address).get("fisheye") or {}).get("view", []) if self.of == "camera" else []
        ids = {self.id, *(view["id"] for view in named)}
        users = [
            register["name"]
            for register in edit.at((*shop, "register")) or []
            if (self.of == "group" and register.get("group") == self.id)
            or (self.of == "camera" and any(v.get("camera") in ids for v in register.get("view", [])))
        ]
        if users:
            raise BadInput("id", expected=f"a {self.of} that no register uses", came=", ".join(users))
        edit.remove(address)
        return shop, self.shop


class DrawnZone(BaseModel):
    """A zone as drawn; ``was``: its place in the file so far."""

    model_config = ConfigDict(extra="forbid")

    role: str
    polygon: Annotated[list[Annotated[list[float], Field(max_length=2)]], Field(max_length=64)]
    was: int | None = None

    def values(self) -> dict[str, Any]:
        """Return the zone's keys; a ten-thousandth of the picture is less than a pixel."""
        return {"role": self.role, "polygon": [[round(part, 4) for part in point] for point in self.polygon]}


class SetView(Changing):
    """What one camera shows of a register: the camera, its zones, the detector. ``place`` None: a new one."""

    kind: Literal["view"]
    register_: Annotated[str, Field(alias="register")]
    place: Annotated[int | None, Field(ge=0)] = None
    camera: str
    zones: Annotated[list[DrawnZone] | None, Field(max_length=32)] = None
    detector: Text | None = None
    analysis_fps: float | None = None

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set the view's keys and zones."""
        register = edit.register(self.register_)
        shop = str(edit.at(register[:2])["id"])
        values: dict[str, object] = {"camera": self.camera}
        if self.detector is not None:
            values["detector"] = self.detector
        if self.analysis_fps is not None:
            values["analysis_fps"] = self.analysis_fps
        defaults = {"detector": "motion", "analysis_fps": 15.0}
        if self.place is None:
            kept = {key: value for key, value in values.items() if defaults.get(key) != value}
            address = edit.add(register, "view", kept)
        else:
            address = (*register, "view", self.place)
            if edit.at(address) is None:
                raise BadInput("place", expected="the number of a view of this register", came=self.place)
            set_own(edit, address, values, defaults)
        if self.zones is not None:
            edit.set_list(address, "zone", [(zone.was, zone.values()) for zone in self.zones])
        return address, shop


class RemoveView(Changing):
    """A register is no longer seen by this camera."""

    kind: Literal["remove_view"]
    register_: Annotated[str, Field(alias="register")]
    place: Annotated[int, Field(ge=0)]

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Take the view away with its zones."""
        register = edit.register(self.register_)
        address = (*register, "view", self.place)
        if edit.at(address) is None:
            raise BadInput("place", expected="the number of a view of this register", came=self.place)
        edit.remove(address)
        return register, str(edit.at(register[:2])["id"])


class SetRule(Changing):
    """One setting of one rule, for all registers or for one; None: back to what is shared, or the default."""

    kind: Literal["rule"]
    register_: Annotated[str | None, Field(alias="register")] = None
    rule: str
    key: str
    value: bool | float | str | list[str] | None = None

    @property
    def function(self) -> Function:
        """Rules may be turned by whoever answers for the attendants."""
        return Function.RULES_EDIT

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set the key, or take it away."""
        known = next((one for one in describe() if (one.rule, one.key) == (self.rule, self.key)), None)
        if known is None:
            raise BadInput("key", expected="a setting of a rule", came=f"{self.rule}.{self.key}")
        value: object = REMOVED if self.value is None else self.value
        if isinstance(self.value, float) and isinstance(known.default, int) and self.value.is_integer():
            value = int(self.value)
        owner = () if self.register_ is None else edit.register(self.register_)
        address = (*owner, "rules", self.rule)
        table = edit.at(address)
        former = FORMER_KEYS.get((self.rule, self.key))
        keys = [key for key in (self.key, former) if key is not None and key in (table or {})]
        if value is REMOVED and not keys:
            return address, _shop_of(edit, owner)
        if value is REMOVED and list(table) == keys and edit.stands_alone(address):
            edit.remove(address)
            if edit.at(address[:-1]) == {} and not edit.stands_alone(address[:-1]):
                edit.forget(address[:-1])
        else:
            wanted: dict[str, object] = dict.fromkeys(keys, REMOVED)
            if value is not REMOVED:
                wanted[self.key] = value
            edit.set_nested(address, wanted)
        return address, _shop_of(edit, owner)


class AddLane(Changing):
    """A camera, the register it looks at and the zones, in one go: what the wizard saves."""

    kind: Literal["lane"]
    camera: PutCamera | None = None
    register_: Annotated[PutRegister | None, Field(alias="register")] = None
    view: SetView

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Add what is new, then the view."""
        shop = ""
        for part in (self.camera, self.register_, self.view):
            if part is not None:
                address, shop = part.edit(edit)
        return address, shop


Change: TypeAlias = Annotated[
    SetCompany
    | SetStepUp
    | SetSessions
    | SetOidc
    | SetMqtt
    | SetRetention
    | SetSealing
    | SetKept
    | SetNotice
    | PutShop
    | RemoveShop
    | PutGroup
    | PutCamera
    | SetFisheye
    | PutRegister
    | Remove
    | SetView
    | RemoveView
    | SetRule
    | AddLane,
    Field(discriminator="kind"),
]


def _shop_of(edit: Edit, owner: Address) -> str:
    return str(edit.at(owner[:2])["id"]) if owner else ""
