"""Changes of who is asked for what when signing in: step-up, sessions, the company's identity provider.

They are the company's to make, and ask who it is once more, as managing people does.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field

from tenban.access.limits import DEFAULTS
from tenban.access.model import Function, Role
from tenban.base.errors import BadInput
from tenban.settings.change import Changing, Text, set_nested
from tenban.sites.blocks import REMOVED, Address
from tenban.sites.edit import Edit
from tenban.sites.reach import Reach
from tenban.sites.signing_in import Oidc, StepUp

Number: TypeAlias = Annotated[float | Text, Field(union_mode="left_to_right")]
"""A number; what is none stays as typed, and the file's own checks say so."""


class _SigningIn(Changing):
    @property
    def function(self) -> Function:
        """Not the installer's, and not one shop's."""
        return Function.COMPANY_EDIT

    @property
    def proof(self) -> Function:
        """Whoever may let people in shows who they are for it; so does whoever may weaken that."""
        return Function.PEOPLE_MANAGE


class SetStepUp(_SigningIn):
    """What asks once more, for how long not again, and whose role needs an app or a passkey."""

    kind: Literal["step_up"]
    people: bool
    audit: bool
    keeping: bool
    evidence: bool
    settings: bool
    rules: bool
    pictures: bool
    minutes: Number
    switch_h: Number
    app_roles: list[Text]

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set what differs; a default that the file does not spell out stays unspelt."""
        address: Address = ("step_up",)
        plain = StepUp()
        asks = ("people", "audit", "keeping", "evidence", "settings", "rules", "pictures")
        values: dict[str, object] = {name: getattr(self, name) for name in asks}
        values |= {"minutes": _whole(self.minutes), "switch_h": _whole(self.switch_h)}
        # In the order of roles, so that the same choice is the same text.
        known = [role.value for role in Role]
        values["app_roles"] = [one for one in known if one in self.app_roles] + [
            one for one in self.app_roles if one not in known
        ]
        defaults = {name: getattr(plain, name) for name in values} | {"app_roles": []}
        set_nested(edit, address, values, defaults)
        return address, ""


class SetSessions(_SigningIn):
    """How long somebody of a role stays signed in; None for both: as it is meant."""

    kind: Literal["sessions"]
    role: Role
    idle_min: Number | None = None
    absolute_h: Number | None = None

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set both, or take them away."""
        address: Address = ("sessions", self.role.value)
        known = edit.at(address)
        if self.idle_min is None and self.absolute_h is None:
            if known is not None and edit.stands_alone(address):
                edit.remove(address)
                if edit.at(("sessions",)) == {} and not edit.stands_alone(("sessions",)):
                    edit.forget(("sessions",))
            elif known is not None:
                raise BadInput(
                    "idle_min", expected="[sessions.ROLE] under a header of its own", came="inline"
                )
            return address, ""
        meant = DEFAULTS[self.role]
        idle_min = meant.idle_min if self.idle_min is None else self.idle_min
        absolute_h = meant.absolute_h if self.absolute_h is None else self.absolute_h
        values: dict[str, object] = {"idle_min": _whole(idle_min), "absolute_h": _whole(absolute_h)}
        set_nested(edit, address, values, {})
        return address, ""


class SetOidc(_SigningIn):
    """The company's identity provider; off: there is none. A secret of None is left untouched."""

    kind: Literal["oidc"]
    on: bool
    issuer: Text = ""
    client_id: Text = ""
    client_secret: Annotated[str | None, Field(max_length=1000)] = None
    label_ja: Text = ""
    label_en: Text = ""
    link_by: Text = ""
    two_factors: bool = False
    only: bool = False
    break_glass: Text = ""

    def edit(self, edit: Edit) -> tuple[Address, str]:
        """Set what differs, or take the whole away; groups are edited in the file."""
        address: Address = ("oidc",)
        known: dict[str, Any] | None = edit.at(address)
        if not self.on:
            if known is not None:
                for number in reversed(range(len(known.get("group", [])))):
                    edit.remove((*address, "group", number))
                edit.remove(address)
            return address, ""
        host = urlsplit(self.issuer).hostname
        if host is not None:
            # What a name leads to is looked at when the provider is asked.
            allow = (edit.at(("network",)) or {}).get("allow", ())
            Reach("identity provider", tuple(allow)).check_name(host)
        values: dict[str, object] = {
            "issuer": self.issuer,
            "client_id": self.client_id,
            "client_secret": self._secret(known or {}),
            "label_ja": self.label_ja,
            "label_en": self.label_en,
            "link_by": self.link_by,
            "two_factors": self.two_factors,
            "only": self.only,
            "break_glass": self.break_glass,
        }
        plain = Oidc("", "")
        defaults = {name: getattr(plain, name) for name in values} | {"client_secret": REMOVED}
        kept = known or {}
        changed = {name: value for name, value in values.items() if kept.get(name, defaults[name]) != value}
        if changed:
            edit.set_nested(address, changed)
        return address, ""

    def _secret(self, known: dict[str, Any]) -> object:
        if self.client_secret is not None:
            return self.client_secret or REMOVED
        kept = known.get("client_secret")
        if kept and known.get("issuer") != self.issuer:
            raise BadInput(
                "client_secret",
                expected="the secret again, because the address leads to another provider",
                came="nothing",
            )
        return kept or REMOVED


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value
