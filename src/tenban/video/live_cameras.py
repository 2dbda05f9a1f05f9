"""Which cameras somebody may look at live, and how each of them stands."""

from __future__ import annotations

from dataclasses import dataclass

from tenban.access.model import Actor, Function
from tenban.base.errors import NotFound
from tenban.db import Connection
from tenban.sites.model import Camera, Register, Sites
from tenban.video.camera_state import CameraState
from tenban.video.queries import latest_states


@dataclass(frozen=True, slots=True)
class LiveCamera:
    """A camera that the actor may look at.

    Attributes:
        lanes: the registers it looks at, as far as the actor watches them.
        state: what it does; None where it never did anything.
    """

    camera: Camera
    lanes: tuple[Register, ...]
    state: CameraState | None


def cameras_to_see(connection: Connection, actor: Actor, sites: Sites, shop: str | None) -> list[LiveCamera]:
    """Return the cameras the actor may look at, in the configuration's order.

    Args:
        connection: for the cameras' states.
        actor: who asks.
        sites: what there is.
        shop: only this shop's.

    Raises:
        Forbidden: the actor may look at none.
        OtherShop: the shop is not the actor's.
    """
    actor.must(Function.MEDIA_VIEW, shop=shop)
    states = latest_states(connection)
    return [
        LiveCamera(
            camera,
            lanes_of(actor, sites, camera),
            state=states.get(camera.id),
        )
        for camera in sites.cameras
        if shop in {None, camera.shop} and _may_see(actor, sites, camera)
    ]


def camera_to_see(actor: Actor, sites: Sites, camera_id: str) -> Camera:
    """Return a camera that the actor may look at.

    Raises:
        NotFound: there is none, or it is another shop's or another group's.
        Forbidden: the actor may look at none.
    """
    camera = sites.camera(camera_id)
    actor.must(Function.MEDIA_VIEW, shop=camera.shop)
    if not _may_see(actor, sites, camera):
        raise NotFound(f"there is no camera {camera_id[:60]!r}")
    return camera


def state_of(connection: Connection, camera_id: str) -> CameraState | None:
    """Return what a camera does."""
    return latest_states(connection).get(camera_id)


def lanes_of(actor: Actor, sites: Sites, camera: Camera) -> tuple[Register, ...]:
    """Return the registers a camera looks at, also by its named views, as far as the actor watches them."""
    return tuple(
        register
        for register in sites.registers
        if any(camera.id in {view.camera, sites.camera(view.camera).source} for view in register.views)
        and (not actor.groups or register.group in actor.groups)
    )


def _may_see(actor: Actor, sites: Sites, camera: Camera) -> bool:
    # Whoever watches some lanes only does not look into the rest of the shop.
    return actor.may(Function.MEDIA_VIEW, shop=camera.shop) and (
        not actor.groups or bool(lanes_of(actor, sites, camera))
    )
