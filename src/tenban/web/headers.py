"""Putting the headers that keep strangers out on every answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

from tenban.access.headers import ALWAYS, DATA, DATA_TYPES, HSTS, NO_CAMERA, PAGE, WITH_CAMERA


def dress(headers: MutableHeaders, *, path: str, tls: bool) -> None:
    """Add what an answer lacks; what a route has set on purpose stays.

    Args:
        headers: of the answer.
        path: that was asked for.
        tls: whether the browser asked by https.
    """
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    kind = headers.get("content-type", "")
    headers.setdefault("Content-Security-Policy", DATA if kind.startswith(DATA_TYPES) else PAGE)
    headers.setdefault("Permissions-Policy", WITH_CAMERA if path.startswith("/register/") else NO_CAMERA)
    headers.setdefault("Cache-Control", "no-store")
    if "private" in headers["Cache-Control"]:
        # A browser keeps it for whoever asked, and for nobody else who signs in there later.
        headers.add_vary_header("Cookie")
        headers.add_vary_header("Authorization")
    if tls:
        headers["Strict-Transport-Security"] = HSTS
