"""``/login/company``: by way of the company's own identity provider, there and back (OpenID Connect)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from tenban.access import oidc
from tenban.access.challenges import ChallengeGone
from tenban.access.cookies import STATE_COOKIE, cookie_name, cookie_of, guarded
from tenban.access.oidc import UnknownIdentity
from tenban.access.provider import IdentityRefused, Provider, ProviderDown, provider_of
from tenban.base.errors import Conflict
from tenban.web.context import Here, here_of, source_of, visitor_of
from tenban.web.page import render
from tenban.web.sign_in import company_label, local_path, login_form, signed_in
from tenban.web.words import language_of, translator

router = APIRouter(include_in_schema=False)

_SEE_OTHER = 303
_LIVES_S = 300
BACK = "/login/company/back"


@router.get("/login/company")
async def there(
    request: Request, wanted: Annotated[str, Query(alias="next", max_length=2000)] = "/"
) -> Response:
    """Send the browser to the provider."""
    here, wanted = here_of(request), local_path(wanted)
    provider = _provider(here)
    if provider is None:
        return RedirectResponse("/login", _SEE_OTHER)
    try:
        redirect_uri = f"{request.base_url}{BACK[1:]}"
        begun = await oidc.begin(here.house, provider, redirect_uri=redirect_uri, wanted=wanted)
    except ProviderDown:
        return await _down(request, wanted)
    response = RedirectResponse(begun.address, _SEE_OTHER)
    response.set_cookie(**guarded(STATE_COOKIE, begun.state, request.url.scheme, max_age_s=_LIVES_S))
    return response


@dataclass(frozen=True, slots=True)
class Brought:
    """What a browser brings back in the address (RFC 6749, 4.1.2; RFC 9207)."""

    state: str
    code: str
    error: str
    issuer: str


@router.get(BACK)
async def back(
    request: Request,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=500)] = "",
    iss: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Take back whoever the provider sends, sign them in, or link whoever began that."""
    provider, scheme = _provider(here_of(request)), request.url.scheme
    if provider is None:
        return RedirectResponse("/login", _SEE_OTHER)
    response = await _answered(request, provider, Brought(state, code, error, iss))
    response.delete_cookie(
        cookie_name(STATE_COOKIE, scheme), path="/", secure=scheme == "https", httponly=True
    )
    return response


async def _answered(request: Request, provider: Provider, brought: Brought) -> Response:
    """Return where the browser goes, or what it is told."""
    _ = translator(language_of(request))
    here = here_of(request)
    try:
        return await _let_in(request, provider, brought)
    except ChallengeGone:
        text = _("That took too long. Please sign in once more.")
        return await login_form(request, "/", status=401, trouble=text)
    except ProviderDown:
        return await _down(request, "/")
    except Conflict:
        # Policy: nothing was linked; the account of before goes on.
        text = _("This company account belongs to somebody else here. Nothing was linked.")
        return _told(request, here, text, 409)
    except IdentityRefused as refused:
        # Policy: written down, and told with what helps; why exactly is the administrator's to read.
        why, address = refused.why, source_of(request).address
        await here.db.write(partial(oidc.write_refused, at=here.clock.now(), why=why, address=address))
        if isinstance(refused, UnknownIdentity):
            return _told(request, here, None, 403)
        text = _(
            "The company's sign-in did not let you in. Your administrator can read why in the audit log."
        )
        return await login_form(request, "/", status=403, trouble=text)


async def _let_in(request: Request, provider: Provider, brought: Brought) -> Response:
    here = here_of(request)
    if not brought.state or brought.state != cookie_of(request.cookies, STATE_COOKIE, request.url.scheme):
        raise ChallengeGone  # another browser was sent there, or none
    links = await here.db.read(partial(oidc.is_to_link, state=brought.state))
    actor = await visitor_of(request) if links else None
    if brought.error or not brought.code or brought.issuer not in {"", provider.oidc.issuer}:
        raise IdentityRefused(f"the provider answered {brought.error or 'without a code'}"[:100])
    person_id = None if actor is None else actor.id.removeprefix("person:")
    came = await oidc.returned(
        here.house, provider, state=brought.state, code=brought.code, person_id=person_id
    )
    if actor is not None:
        now_at, claims = here.clock.now(), came.claims
        await here.db.write(partial(oidc.link, actor=actor, at=now_at, oidc=provider.oidc, claims=claims))
        here.forget()
        return RedirectResponse("/account", _SEE_OTHER)
    source = source_of(request, "oidc")
    done = await oidc.sign_in_by_provider(here.house, provider.oidc, came.claims, source=source)
    here.forget()
    return signed_in(request, RedirectResponse(local_path(came.wanted), _SEE_OTHER), done)


def _provider(here: Here) -> Provider | None:
    """Return the company's provider; None: there is none."""
    named = here.sites.oidc
    return None if named is None else provider_of(named, here.sites.provider_reach, here.clock)


async def _down(request: Request, wanted: str) -> Response:
    _ = translator(language_of(request))
    text = _("The company's sign-in cannot be reached just now. Please try again in a moment.")
    return await login_form(request, wanted, status=503, trouble=text)


def _told(request: Request, here: Here, trouble: str | None, status: int) -> Response:
    label = company_label(here, language_of(request))
    return render(request, "unlinked.html", status=status, trouble=trouble, company=label)
