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
    REGISTER_SERVE = "register:serve"
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
    MEDIA_TAKE = "media:take"
    MEDIA_HEAR = "media:hear"
    FLAGS_SET = "flags:set"
    AUDIT_READ = "audit:read"
    AUDIT_TAKE = "audit:take"
    CASES_READ = "cases:read"
    CASES_EDIT = "cases:edit"
    CASES_EXPORT = "cases:export"
    CASES_PROVE = "cases:prove"


class Role(StrEnum):
    """What a person is in a shop."""

    CASHIER = "cashier"
    ATTENDANT = "attendant"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    DESK_OPERATOR = "desk_operator"
    INSTALLER = "installer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


_WATCHING = {
    Function.SALES_READ,
    Function.PLU_READ,
    Function.INCIDENTS_READ,
    Function.INCIDENTS_HANDLE,
    Function.MEDIA_VIEW,
    Function.LANES_READ,
    Function.REGISTER_COMMAND,
    Function.REGISTER_SERVE,
    Function.REGISTER_ASSIST,
    Function.FLAGS_SET,
}
_CASES = {Function.CASES_READ, Function.CASES_EDIT, Function.CASES_EXPORT, Function.CASES_PROVE}
_LEADING = _WATCHING | {
    Function.INCIDENTS_OVERSEE,
    Function.FACTS_READ,
    Function.PLU_WRITE,
    Function.REGISTER_PAIR,
    Function.REGISTER_APPROVE,
    Function.HOLDS_MANAGE,
    Function.MEDIA_UNMASKED,
    *_CASES,
    Function.MEDIA_TAKE,
    Function.MEDIA_HEAR,
}

FUNCTIONS_OF_ROLE: dict[Role, frozenset[Function]] = {
    # Sales are rung under a cashier's name; what cameras saw is for others to look at.
    Role.CASHIER: frozenset({Function.REGISTER_SERVE, Function.PLU_READ}),
    Role.ATTENDANT: frozenset(_WATCHING),
    Role.SUPERVISOR: frozenset(_LEADING | {Function.RULES_EDIT, Function.TRIES_MAKE}),
    # Looks into what happened, puts evidence together, and changes nothing else.
    Role.ANALYST: frozenset(
        {
            *_CASES,
            Function.SALES_READ,
            Function.PLU_READ,
            Function.INCIDENTS_READ,
            Function.MEDIA_VIEW,
            Function.LANES_READ,
            Function.FACTS_READ,
        }
    ),
    # Far from the shop: answers for incidents, and touches no register.
    Role.DESK_OPERATOR: frozenset(
        {
            Function.INCIDENTS_READ,
            Function.INCIDENTS_HANDLE,
            Function.INCIDENTS_OVERSEE,
            Function.MEDIA_VIEW,
            Function.LANES_READ,
            Function.FLAGS_SET,
        }
    ),
    # Whoever puts up cameras sees whether a lane works; incidents are for others to judge.
    Role.INSTALLER: frozenset(
        (
            _WATCHING
            - {
                Function.INCIDENTS_HANDLE,
                Function.REGISTER_SERVE,
                Function.REGISTER_ASSIST,
                Function.FLAGS_SET,
            }
        )
        | {Function.SETTINGS_EDIT, Function.RULES_EDIT, Function.REGISTER_PAIR, Function.TRIES_MAKE}
    ),
    # Reads who did what, proves that it is whole, and reads none of what it was done to.
    Role.AUDITOR: frozenset({Function.AUDIT_READ, Function.AUDIT_TAKE, Function.CASES_PROVE}),
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
"""What nobody may do who belongs to one shop or area, be it the only one: adding and removing shops,
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
        shop: the only shop the actor may touch; None: those of the area, or where there is none, every shop.
        functions: what the actor may do there.
        register: the only register a till's token speaks for; None means any.
        groups: the attendants' groups the actor watches; empty means all of the shop.
        area: the only area whose shops the actor may touch.
        area_shops: those shops, as the configuration names them now.
        unproven: functions that ask who it is once more (a PIN, a password) before they are used.
    """

    kind: str
    id: str
    name: str
    shop: str | None
    functions: frozenset[Function]
    register: str | None = None
    groups: frozenset[str] = field(default_factory=frozenset)
    area: str | None = None
    area_shops: frozenset[str] = frozenset()
    unproven: frozenset[Function] = frozenset()

    @property
    def shops(self) -> frozenset[str] | None:
        """The only shops the actor may touch; None: every shop, also such as are added later."""
        if self.shop is not None:
            return frozenset({self.shop})
        return None if self.area is None else self.area_shops

    def reaches(self, shop: str | None) -> bool:
        """Tell whether a shop's things may be touched; None stands for what is of no single shop."""
        return self.shops is None or shop in self.shops

    def may(self, function: Function, *, shop: str | None = None, register: str | None = None) -> bool:
        """Tell whether the actor may do this here."""
        if function not in self.functions:
            return False
        if self.shops is not None and (function in OF_THE_COMPANY or not self.shops):
            return False
        if shop is not None and not self.reaches(shop):
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
            OtherShop: another shop's; the actor may not even know that it exists.
            Forbidden: not among the actor's functions, or another register's.
        """
        if self.may(function, shop=shop, register=register):
            return
        self.must_reach(shop)
        if register is not None and self.register is not None and register != self.register:
            raise Forbidden(f"expected the token of register {register!r}, got that of {self.register!r}")
        raise Forbidden(f"{self.kind} {self.name!r} may not do {function.value}")

    def must_prove(self, function: Function) -> None:
        """Refuse until the person has shown a moment ago that it is them.

        Raises:
            StepUpNeeded: this function asks for it, and it was too long ago.
        """
        if function in self.unproven:
            raise StepUpNeeded(function)

    def must_reach(self, shop: str | None) -> None:
        """Refuse what is of a shop that is not the actor's; None is let through.

        Raises:
            OtherShop: it is.
        """
        if shop is not None and not self.reaches(shop):
            raise OtherShop(self, shop)


class StepUpNeeded(Forbidden):
    """The actor may, and has to show once more that it is them.

    Attributes:
        function: what for.
    """

    code = "step_up"

    def __init__(self, function: Function) -> None:
        super().__init__(f"{function.value} asks for the PIN or password once more")
        self.function = function


class OtherShop(NotFound):
    """Somebody asked for what is of another shop: told that there is no such thing, and written down.

    Attributes:
        actor: who asked.
        shop: whose it is.
    """

    def __init__(self, actor: Actor, shop: str) -> None:
        super().__init__(f"there is no shop {shop[:60]!r}")
        self.actor = actor
        self.shop = shop


def system_actor(name: str) -> Actor:
    """Return the actor of one of Tenban's own processes."""
    return Actor("system", f"system:{name}", name, None, frozenset(Function))
