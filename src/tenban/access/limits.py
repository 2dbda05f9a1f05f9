"""How long a session lives: unused, and at all. By role; whoever has several roles gets the shortest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from tenban.access.model import Role
from tenban.sites.signing_in import SessionLimits

Limits: TypeAlias = Mapping[str, SessionLimits]
"""By role; a role that is not in it has its default."""

# Whoever watches a row of registers for a shift is not sent to a form in the middle of it; whoever can change
# everything does not leave it open over lunch (ASVS 5.0, 7.3.1 and 7.3.2).
_SHIFT: Final = SessionLimits(idle_min=12 * 60, absolute_h=16)
_DESK: Final = SessionLimits(idle_min=60, absolute_h=12)
_STRICT: Final = SessionLimits(idle_min=30, absolute_h=12)

DEFAULTS: Final[dict[Role, SessionLimits]] = {
    Role.CASHIER: _SHIFT,
    Role.ATTENDANT: _SHIFT,
    Role.SUPERVISOR: _SHIFT,
    Role.DESK_OPERATOR: _SHIFT,
    Role.ANALYST: _DESK,
    Role.INSTALLER: _DESK,
    Role.AUDITOR: _STRICT,
    Role.ADMINISTRATOR: _STRICT,
}
NO_LIMITS: Final[Limits] = {}


def limits_of(roles: Iterable[str], given: Limits = NO_LIMITS) -> SessionLimits:
    """Return the limits of a session of somebody with these roles: the shortest of each."""
    each = [given.get(role, DEFAULTS[Role(role)]) for role in roles] or [_STRICT]
    return SessionLimits(min(one.idle_min for one in each), min(one.absolute_h for one in each))
