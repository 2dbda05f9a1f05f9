"""``/notice/{shop}``: what a shop publishes about its cameras, for anybody, and as a poster for the door.

The facts follow Japan's Act on the Protection of Personal Information (Articles 17, 18, 21, 32 to 35) and the
guidance for cameras in shops: the purpose, who answers for it, what is recorded and how long, that no face is
recognised, and how to ask for disclosure, correction or erasure.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tenban.sites.model import Shop
from tenban.web.context import here_of
from tenban.web.page import render
from tenban.web.words import language_of, translator

router = APIRouter(include_in_schema=False)


@router.get("/notice/{shop}")
async def notice(request: Request, shop: str) -> Response:
    """Show a shop's notice; one that is not published is not there, nor is an unknown shop."""
    here = here_of(request)
    known = next((one for one in here.sites.shops if one.id == shop), None)
    if known is None or not known.notice.published:
        return render(request, "no_notice.html", status=404)
    return render(
        request,
        "notice.html",
        shop=known,
        company=here.sites.company,
        notice=known.notice,
        periods=known.retention,
        days=partial(_days, translator(language_of(request))),
        recorded=any(camera.record for camera in known.cameras),
        heard=any(camera.record and camera.sound for camera in known.cameras),
        masked=_masks(known),
    )


def _days(say: Callable[[str], str], n: int) -> str:
    return say("1 day") if n == 1 else say("{n} days").format(n=n)


def _masks(shop: Shop) -> bool:
    """Tell whether parts of pictures are made unrecognisable."""
    return any(zone.role == "mask" for one in shop.registers for view in one.views for zone in view.zones)
