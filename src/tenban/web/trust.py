"""What a tablet finds by http beside a server that speaks https: the way there, and how to trust it.

This is the only thing served without TLS, since a device has to fetch the authority before it can trust it.
The fingerprint, compared with what the server's own console shows, tells that nobody changed it on the way.
"""

from __future__ import annotations

import re
from types import SimpleNamespace

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from tenban.base.clock import SystemClock
from tenban.sites.model import Sites
from tenban.web.files import serve_static
from tenban.web.guard import install_guard
from tenban.web.page import render

FILE = "tenban-ca.crt"
_HOST = re.compile(r"^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253})(:\d{1,5})?$")


def trust_app(authority: bytes | None, fingerprint: str | None, https_port: int) -> FastAPI:
    """Return the application.

    Args:
        authority: the certificate (DER) that devices are to trust; None: devices trust the server already.
        fingerprint: its SHA-256.
        https_port: where the server itself is.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.here = SimpleNamespace(clock=SystemClock(), sites=Sites("", ()))

    if authority is not None:

        @app.get("/trust")
        async def trust(request: Request) -> Response:
            """Explain how a device learns to trust this server."""
            pairs = str(fingerprint).split(":")
            lines = [" ".join(pairs[at : at + 8]) for at in range(0, len(pairs), 8)]
            there = _there(request, https_port, "/")
            return render(request, "trust.html", fingerprint=lines, file=f"/trust/{FILE}", there=there)

        @app.get(f"/trust/{FILE}")
        async def file() -> Response:
            """Send the authority's certificate."""
            headers = {"Content-Disposition": f'attachment; filename="{FILE}"'}
            return Response(authority, media_type="application/x-x509-ca-cert", headers=headers)

        app.add_route("/static/{version}/{path:path}", serve_static, methods=["GET", "HEAD"])

    @app.api_route("/{path:path}", methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    async def away(request: Request) -> Response:
        """Lead to https; what was sent by http with a password in it is not asked for once more."""
        there = _there(request, https_port, request.url.path, request.url.query)
        if there is None or request.method not in {"GET", "HEAD"}:
            return PlainTextResponse(f"This server speaks https, at port {https_port}.", 403)
        if authority is not None and request.url.path == "/":
            return RedirectResponse("/trust", 302)
        return RedirectResponse(there, 308)

    install_guard(app)
    return app


def _there(request: Request, port: int, path: str, query: str = "") -> str | None:
    found = _HOST.match(request.headers.get("host", ""))
    if found is None:
        return None
    at = "" if port == 443 else f":{port}"
    return f"https://{found[1]}{at}{'/' + path.lstrip('/')}{'?' + query if query else ''}"
