"""``/first/…``: a one-time link leads here; whoever has it chooses a password and is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tenban.access.invitations import Invitation, accept, invitation
from tenban.access.model import Role
from tenban.access.passwords import CommonPassword, chosen_password, shortest_for
from tenban.access.relying_party import RelyingParty
from tenban.access.sign_in import SignedIn, let_in
from tenban.base.errors import BadInput, Conflict, NotFound
from tenban.db import Connection
from tenban.web.context import here_of, names_of, source_of
from tenban.web.page import render
from tenban.web.sign_in import party_of, signed_in
from tenban.web.words import language_of, translator

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303


@router.get("/first/{secret}")
async def show(request: Request, secret: str) -> Response:
    """Ask for a password, and of the first administrator for a name. Looking at it uses nothing up."""
    here = here_of(request)
    try:
        found = await here.db.read(partial(invitation, secret=secret, at=here.clock.now()))
    except NotFound:
        return render(request, "first_gone.html", status=404)
    return _form(request, found)


@router.post("/first/{secret}")
async def join(
    request: Request,
    secret: str,
    name: Annotated[str, Form(max_length=200)] = "",
    display_name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    then: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Set the password, end the link and open a session; a passkey may be made right after it."""
    here = here_of(request)
    found: Invitation | None = None
    try:
        found = await here.db.read(partial(invitation, secret=secret, at=here.clock.now()))
        opened = await _joined(request, secret, found, name, display_name, password)
    except NotFound:
        return render(request, "first_gone.html", status=404)
    except (BadInput, Conflict) as error:
        # Policy: the form comes again with what was typed, and says what is wrong.
        assert found is not None  # noqa: S101  # nothing before it raises these
        shortest = shortest_for(Role(role) for role in found.role_names)
        trouble = _trouble(translator(language_of(request)), error, shortest)
        return _form(request, found, status=400, trouble=trouble, name=name, display_name=display_name)
    here.forget()
    return signed_in(
        request, RedirectResponse("/account#make-passkey" if then == "passkey" else "/", _SEE_OTHER), opened
    )


async def _joined(
    request: Request, secret: str, found: Invitation, name: str, display_name: str, password: str
) -> SignedIn:
    """Set the password, end the link, and open a session."""
    if found.person_id is None and not name.strip():
        raise BadInput("name", expected="1 to 100 characters", came="none")
    here = here_of(request)
    password_hash = await asyncio.to_thread(
        chosen_password,
        password,
        roles=[Role(role) for role in found.role_names],
        about=[name, display_name, found.name, found.display_name, *names_of(here.sites)],
    )
    now_at, house = here.clock.now(), here.house

    def run(connection: Connection) -> SignedIn:
        joined = accept(
            connection, now_at, secret, password_hash=password_hash, name=name, display_name=display_name
        )
        return let_in(connection, house, joined, source_of(request, "invitation"))

    return await here.db.write(run)


def _trouble(_: Callable[[str], str], error: Exception, shortest: int) -> str:
    if isinstance(error, Conflict):
        return _("This name is taken. Please choose another one.")
    if isinstance(error, CommonPassword):
        return _("Others would try this password first. Take several words that do not belong together.")
    if isinstance(error, BadInput) and error.where == "password":
        text = _("Your password needs {n} to 256 characters. Several words are easier to remember.")
        return text.replace("{n}", str(shortest))
    return _("A name has 1 to 100 characters.")


def _form(
    request: Request,
    found: Invitation,
    *,
    status: int = 200,
    trouble: str | None = None,
    name: str = "",
    display_name: str = "",
) -> Response:
    return render(
        request,
        "first.html",
        status=status,
        found=found,
        shortest=shortest_for(Role(role) for role in found.role_names),
        first=found.person_id is None,
        trouble=trouble,
        name=name,
        display_name=display_name,
        path=request.url.path,
        passkeys=isinstance(party_of(request), RelyingParty),
        language_href=f"{request.url.path}?lang=",
    )
