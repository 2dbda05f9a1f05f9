"""Who is asking, and what they may do. Deny by default."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tenban.base.errors import Forbidden, NotFound


class Function(StrEnum):
    """What can be done; functions carry permissions, routes do not."""

    SALES_WRITE = "sales:write"
    SALES_READ = "sales:read"
    PLU_READ = "plu:read"
    PLU_WRITE = "plu:write"
    REGISTER_LINK = "register:link"
    REGISTER_COMMAND = "register:command"
    REGISTER_PAIR = "register:pair"
    REGISTER_ASSIST = "register:assist"
    REGISTER_APPROVE = "register:approve"
    REGISTER_WATCH = "register:watch"
    INCIDENTS_READ = "incidents:read"
    INCIDENTS_HANDLE = "incidents:handle"
    INCIDENTS_OPEN = "incidents:open"
    INCIDENTS_OVERSEE = "incidents:oversee"
    MEDIA_VIEW = "media:view"
    LANES_READ = "lanes:read"
    FACTS_WRITE = "facts:write"
    FACTS_READ = "facts:read"
    PEOPLE_MANAGE = "people:manage"
    SETTINGS_EDIT = "settings:edit"
    RULES_EDIT = "rules:edit"
    COMPANY_EDIT = "company:edit"
    TRIES_MAKE = "tries:make"
    TRIES_ALL = "tries:all"
    HOLDS_MANAGE = "holds:manage"
    RETENTION_EDIT = "retention:edit"
    PERSONAL_ERASE = "personal:erase"
    MEDIA_UNMASKED = "media:unmasked"
    AUDIT_READ = "audit:read"
    AUDIT_TAKE = "audit:take"


class Role(StrEnum):
    """What a person is in a shop."""

    ATTENDANT = "attendant"
    SUPERVISOR = "supervisor"
    INSTALLER = "installer"
    ADMINISTRATOR = "administrator"


_WATCHING = {
    Function.SALES_READ,
    Function.PLU_READ,
    Function.INCIDENTS_READ,
    Function.INCIDENTS_HANDLE,
    Function.MEDIA_VIEW,
    Function.LANES_READ,
    Function.REGISTER_COMMAND,
    Function.REGISTER_ASSIST,
}
_LEADING = _WATCHING | {
    Function.INCIDENTS_OVERSEE,
    Function.FACTS_READ,
    Function.PLU_WRITE,
    Function.REGISTER_PAIR,
    Function.REGISTER_APPROVE,
    Function.HOLDS_MANAGE,
    Function.MEDIA_UNMASKED,
}

FUNCTIONS_OF_ROLE: dict[Role, frozenset[Function]] = {
    Role.ATTENDANT: frozenset(_WATCHING),
    Role.SUPERVISOR: frozenset(_LEADING | {Function.RULES_EDIT, Function.TRIES_MAKE}),
    # Whoever puts up cameras sees whether a lane works; incidents are for others to judge.
    Role.INSTALLER: frozenset(
        (_WATCHING - {Function.INCIDENTS_HANDLE, Function.REGISTER_ASSIST})
        | {Function.SETTINGS_EDIT, Function.RULES_EDIT, Function.REGISTER_PAIR, Function.TRIES_MAKE}
    ),
    Role.ADMINISTRATOR: frozenset(
        _LEADING
        | {
            Function.PEOPLE_MANAGE,
            Function.SETTINGS_EDIT,
            Function.RULES_EDIT,
            Function.COMPANY_EDIT,
            Function.TRIES_MAKE,
            Function.TRIES_ALL,
            Function.RETENTION_EDIT,
            Function.PERSONAL_ERASE,
            Function.AUDIT_READ,
            Function.AUDIT_TAKE,
        }
    ),
}

OF_THE_COMPANY = frozenset({Function.COMPANY_EDIT, Function.AUDIT_TAKE})
"""What nobody may do who belongs to one shop, be it the only one: adding and removing shops,
and taking away the whole audit log, which has every shop's rows."""

FUNCTIONS_OF_REGISTER = frozenset({Function.SALES_WRITE, Function.PLU_READ, Function.REGISTER_LINK})
FUNCTIONS_OF_ATTENDED_REGISTER = FUNCTIONS_OF_REGISTER | {Function.REGISTER_WATCH}
"""Of a screen that staff look at: it may show what happened at itself."""
FUNCTIONS_OF_DEVICE = frozenset({Function.REGISTER_LINK})


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks for something to be done; every domain function demands one.

    Attributes:
        kind: ``person``, ``register``, ``device`` or ``system``.
        id: stable identifier, written into histories and the audit log.
        name: how screens call the actor.
        shop: the only shop the actor may touch; None means every shop.
        functions: what the actor may do there.
        register: the only register a till's token speaks for; None means any.
        groups: the attendants' groups the actor watches; empty means all of the shop.
    """

    kind: str
    id: str
    name: str
    shop: str | None
    functions: frozenset[Function]
    register: str | None = None
    groups: frozenset[str] = field(default_factory=frozenset)

    def may(self, function: Function, *, shop: str | None = None, register: str | None = None) -> bool:
        """Tell whether the actor may do this here."""
        if function not in self.functions:
            return False
        if function in OF_THE_COMPANY and self.shop is not None:
            return False
        if shop is not None and self.shop is not None and shop != self.shop:
            return False
        return register is None or self.register is None or register == self.register

    def place_of(self, function: Function) -> str | None:
        """Return the only place whose facts the actor may read by this function; None: of every place.

        A register reads what is its own, by ``register:watch``, whatever the function is.

        Raises:
            Forbidden: the actor may read nothing by it.
        """
        if self.register is None:
            self.must(function)
            return None
        self.must(Function.REGISTER_WATCH, register=self.register)
        return self.register

    def must(self, function: Function, *, shop: str | None = None, register: str | None = None) -> None:
        """Refuse unless the actor may do this here.

        Raises:
            NotFound: another shop's; the actor may not even know that it exists.
            Forbidden: not among the actor's functions, or another register's.
        """
        if self.may(function, shop=shop, register=register):
            return
        if shop is not None and self.shop is not None and shop != self.shop:
            raise NotFound(f"there is no shop {shop!r}")
        if register is not None and self.register is not None and register != self.register:
            raise Forbidden(f"expected the token of register {register!r}, got that of {self.register!r}")
        raise Forbidden(f"{self.kind} {self.name!r} may not do {function.value}")


def system_actor(name: str) -> Actor:
    """Return the actor of one of Tenban's own processes."""
    return Actor("system", f"system:{name}", name, None, frozenset(Function))
