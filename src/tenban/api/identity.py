"""One's own account at the company's identity provider, linked with oneself here, or not any more."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Request, Response

from tenban.access import oidc
from tenban.access.account_rows import person_of
from tenban.access.cookies import STATE_COOKIE, guarded
from tenban.access.provider import provider_of
from tenban.api.context import AnActor, TheServer
from tenban.api.sureness import Sure, must_be_sure
from tenban.base.errors import Conflict

router = APIRouter(prefix="/api/v1/account/identity", tags=["account"])

_LIVES_S = 300


@router.post(
    "/link", summary="Begin to link your company account; asks for the password, unless just signed in"
)
async def link(
    asked: Sure, request: Request, response: Response, here: TheServer, actor: AnActor
) -> dict[str, str]:
    """Return the address at the provider to go to; it sends the browser back, and that links it.

    Raises:
        Conflict: there is no identity provider.
        ProviderDown: it cannot be asked.
        PasswordNeeded: it was too long ago that you signed in.
    """
    await must_be_sure(asked.password, request, here, actor)
    if here.sites.oidc is None:
        raise Conflict("expected an identity provider in [oidc], and there is none")
    provider = provider_of(here.sites.oidc, here.sites.provider_reach, here.clock)
    begun = await oidc.begin(
        here.house,
        provider,
        redirect_uri=f"{request.base_url}login/company/back",
        wanted="/account",
        person_id=person_of(actor),
    )
    response.set_cookie(**guarded(STATE_COOKIE, begun.state, request.url.scheme, max_age_s=_LIVES_S))
    return {"address": begun.address}


@router.post("/unlink", status_code=204, summary="Link your company account no more; asks as for linking")
async def unlink(asked: Sure, request: Request, here: TheServer, actor: AnActor) -> None:
    """End the link.

    Raises:
        LastFactor: nothing else lets you in.
        PasswordNeeded: it was too long ago that you signed in.
    """
    await must_be_sure(asked.password, request, here, actor)
    await here.db.write(partial(oidc.unlink, actor=actor, at=here.clock.now()))
