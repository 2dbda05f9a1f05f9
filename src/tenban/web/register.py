"""``/register/{id}``: the reference register. The page is a frame; what it does, it does in the browser."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from tenban.base.errors import NotFound
from tenban.web.context import TILL_COOKIE, here_of, visitor_of
from tenban.web.files import static_tree
from tenban.web.page import render
from tenban.web.words import language_of, script_words, translator

router = APIRouter(include_in_schema=False)

# What the page needs while the server is away; it lies under these paths of the static files.
_SHELL = ("register/", "base.css", "dom.js", "words.js", "times.js", "parts/icon.js")
_WORKER = "register/worker.js"


@router.get("/register/worker.js")
async def worker() -> Response:
    """Send the service worker, from a path whose scope is the registers' pages alone."""
    file = static_tree().by_path[_WORKER]
    headers = {"Cache-Control": "no-cache"}
    return Response(file.content, media_type="text/javascript", headers=headers)


@router.get("/register/{register}")
async def register(request: Request, register: str) -> Response:
    """Show a register; a browser that is not paired with it is asked to be."""
    here = here_of(request)
    _ = translator(language_of(request))
    try:
        till = here.sites.register(register)
    except NotFound:
        visitor = await visitor_of(request)  # strangers are not told what there is
        known = [one.id for one in here.sites.registers if visitor and visitor.reaches(one.shop)]
        return render(request, "no_register.html", status=404, wanted=register[:64], known=known)
    shop = here.sites.shop(till.shop)
    secret = request.cookies.get(TILL_COOKIE + register, "")
    actor = await here.paired(register, secret) if secret else None
    tree = static_tree()
    data = {
        "language": language_of(request),
        "words": script_words(),
        "paired": actor is not None,
        "register": {
            "id": till.id,
            "name": till.name,
            "kind": till.kind,
            "printer": till.printer is not None,
        },
        "shop": {"id": shop.id, "name": shop.name, "timezone": shop.timezone.key, "currency": shop.currency},
        "shell": [tree.url(path) for path in tree.by_path if path.startswith(_SHELL) and path != _WORKER],
    }
    return render(request, "register.html", data=data, shop=shop, till=till)
