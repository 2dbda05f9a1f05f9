"""Fisheye cameras as pages turn their pictures."""

from __future__ import annotations

from typing import Any

from tenban.base.errors import NotFound
from tenban.sites.fisheye import Fisheye
from tenban.sites.model import Sites


def lens_of(fisheye: Fisheye) -> dict[str, Any]:
    """Return a lens as pages turn pictures by it; see :class:`tenban.sites.fisheye.Fisheye`."""
    return {
        "mount": fisheye.mount,
        "lens": fisheye.lens,
        "circle": [*fisheye.centre, fisheye.radius],
        "fov": fisheye.fov_deg,
        "turned": fisheye.turned_deg,
        "coefficients": list(fisheye.coefficients),
        "views": [
            {
                "id": preset.id,
                "name": preset.name,
                "pan": preset.turn.pan_deg,
                "tilt": preset.turn.tilt_deg,
                "zoom": preset.turn.zoom,
            }
            for preset in fisheye.presets
        ],
    }


def turning_of(sites: Sites, camera_id: str | None) -> dict[str, Any] | None:
    """Return by which lens a camera's footage is turned, and where to first; None: it is shown as it is."""
    try:
        camera = sites.camera(camera_id) if camera_id else None
    except NotFound:
        return None  # Policy: a camera that is gone from the file has no lens any more.
    if camera is None or camera.fisheye is None:
        return None
    turn = camera.preset.turn if camera.preset else None
    home = turn and {"pan": turn.pan_deg, "tilt": turn.tilt_deg, "zoom": turn.zoom}
    return {"lens": lens_of(camera.fisheye), "turn": home}
