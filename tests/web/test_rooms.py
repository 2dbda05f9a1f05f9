"""The rooms a visitor may go to."""

from __future__ import annotations

import pytest

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Role
from tenban.web.rooms import rooms_of


@pytest.mark.parametrize(
    ("role", "rooms"),
    [
        (Role.ATTENDANT, ["/watch", "/wall", "/footage"]),
        (Role.SUPERVISOR, ["/watch", "/wall", "/footage", "/cases", "/settings"]),
        (Role.AUDITOR, ["/cases", "/audit"]),
        (Role.INSTALLER, ["/watch", "/wall", "/footage", "/settings"]),
        (Role.CASHIER, []),
    ],
)
def test_a_menu_leads_only_where_its_visitor_may_go(role: Role, rooms: list[str]) -> None:
    """Nobody is led to a page that refuses them."""
    actor = Actor("person", "p", "sato", "ebisu", FUNCTIONS_OF_ROLE[role])
    assert rooms_of(actor) == rooms
