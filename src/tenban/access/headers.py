"""The headers that keep strangers out of a browser's memory, frames and scripts (CSP 3, Fetch, HTML)."""

from __future__ import annotations

from typing import Final

PAGE: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; manifest-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
DATA: Final = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

_DEVICES: Final = (
    "accelerometer=(), {camera}, display-capture=(), geolocation=(), gyroscope=(), hid=(), "
    "magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"
)
NO_CAMERA: Final = _DEVICES.format(camera="camera=()")
WITH_CAMERA: Final = _DEVICES.format(camera="camera=(self)")
"""For the register's page alone, which reads codes by the device's camera."""

ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": that would turn the Origin of our own forms into "null".
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "X-Frame-Options": "DENY",
}
HSTS: Final = "max-age=31536000; includeSubDomains"
DATA_TYPES: Final = ("application/json", "text/plain", "text/event-stream")

OF_DATA: Final = {
    **ALWAYS,
    "Content-Security-Policy": DATA,
    "Permissions-Policy": NO_CAMERA,
    "Cache-Control": "no-store",
}
"""All of them, for an answer in JSON that nobody may keep."""
