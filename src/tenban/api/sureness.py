"""Before somebody's own ways of signing in are changed: the password, or having signed in a moment ago."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, Field

from tenban.access import account
from tenban.access.account_rows import account_row
from tenban.access.model import Actor
from tenban.access.sign_in import checked
from tenban.api.context import Here, session_secret, source_of
from tenban.base.errors import Forbidden, NotSignedIn


class Sure(BaseModel):
    """The password; none for five minutes after signing in."""

    password: Annotated[str | None, Field(max_length=1000)] = None


class PasswordNeeded(Forbidden):
    """It was too long ago that the person signed in."""

    code = "password_needed"


async def must_know_password(password: str, request: Request, here: Here, actor: Actor) -> dict[str, Any]:
    """Return one's own row; raises Forbidden where the password is another one."""
    row = await here.db.read(partial(account_row, actor=actor))
    try:
        await checked(here.house, str(row["name"]), password, source=source_of(request))
    except NotSignedIn as error:
        raise Forbidden("the present password is another one") from error
    return dict(row)


async def must_be_sure(password: str | None, request: Request, here: Here, actor: Actor) -> dict[str, Any]:
    """Return one's own row.

    Raises:
        PasswordNeeded: there is no password, and signing in was too long ago.
        Forbidden: the password is another one.
    """
    if password is not None:
        return await must_know_password(password, request, here, actor)
    row = await here.db.read(partial(account_row, actor=actor))
    secret, now_at = session_secret(request) or "", here.clock.now()
    if not await here.db.read(partial(account.is_fresh, secret=secret, at=now_at)):
        raise PasswordNeeded("expected the password, or to have signed in a moment ago")
    return dict(row)
