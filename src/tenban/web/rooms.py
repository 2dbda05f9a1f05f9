"""The rooms a visitor may go to from any other one, as the menu lists them."""

from __future__ import annotations

from tenban.access.model import Actor, Function

_ROOMS = {
    "/watch": (Function.INCIDENTS_READ,),
    "/wall": (Function.MEDIA_VIEW,),
    "/footage": (Function.MEDIA_VIEW,),
    "/cases": (Function.CASES_READ, Function.CASES_PROVE),
    "/settings": (Function.SETTINGS_EDIT, Function.RULES_EDIT),
    "/audit": (Function.AUDIT_READ,),
}


def rooms_of(actor: Actor) -> list[str]:
    """Return the paths of the rooms that are open to somebody, in the menu's order."""
    return [path for path, any_of in _ROOMS.items() if any(actor.may(one) for one in any_of)]
