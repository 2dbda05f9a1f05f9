"""What the demo writes for the product to read: its configuration and its accounts. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from tenban.simulator.camera_view import View
from tenban.simulator.lanes import Shop, register_id

SHOP_ID = "demo"
PEOPLE = (("attendant", "attendant"), ("supervisor", "supervisor"), ("admin", "administrator"))
PASSWORD = "tenban-demo"  # noqa: S105  # printed on the screen of whoever starts the demo
TALLY_NAME = "tally"  # the client that measures; a name of its own, so that histories tell who did what


def lane_zones(shop: Shop, lane: int, *, width: int, height: int) -> list[dict[str, object]]:
    """Return the zones of a lane as its camera hangs."""
    return View.hang(np.random.default_rng((shop.lane_seed(lane), 1)), width, height).zones()


def configuration(shop: Shop, ports: Mapping[int, int], *, width: int, height: int, fps: int) -> str:
    """Return ``tenban.toml``.

    Args:
        shop: how many lanes.
        ports: RTSP port of each lane's camera.
        width: of the cameras' pictures.
        height: of the cameras' pictures.
        fps: of the cameras.
    """
    lines = [
        "[company]",
        'name = "Tenban demo"',
        "[[shop]]",
        f'id = "{SHOP_ID}"',
        'name = "Demo shop"',
        'timezone = "Asia/Tokyo"',
        'currency = "JPY"',
        "[[shop.group]]",
        'id = "front"',
        'name = "Front"',
    ]
    for lane in range(1, shop.lanes + 1):
        lines += [
            "[[shop.camera]]",
            f'id = "cam-{lane}"',
            f'name = "Lane {lane} overhead"',
            f'url = "rtsp://127.0.0.1:{ports[lane]}/{register_id(lane)}"',
        ]
    for lane in range(1, shop.lanes + 1):
        lines += [
            "[[shop.register]]",
            f'id = "{register_id(lane)}"',
            f'name = "{lane}"',
            'kind = "self"',
            'group = "front"',
            "[[shop.register.view]]",
            f'camera = "cam-{lane}"',
            f"analysis_fps = {fps}",
        ]
        for zone in lane_zones(shop, lane, width=width, height=height):
            lines += [
                "[[shop.register.view.zone]]",
                f'role = "{zone["role"]}"',
                f"polygon = {json.dumps(zone['polygon'])}",
            ]
    # Six lanes of cluttered counters: an attendant is better served by fewer and surer briefs.
    lines += ["[rules.item_not_registered]", "spare_explains = true"]
    return "\n".join(lines) + "\n"


def accounts(shop: Shop, tokens: Mapping[int, str], tally_password: str) -> dict[str, Any]:
    """Return the accounts and register tokens of the demo."""
    people = [{"name": name, "password": PASSWORD, "roles": [role], "shop": SHOP_ID} for name, role in PEOPLE]
    people.append({"name": TALLY_NAME, "password": tally_password, "roles": ["attendant"], "shop": SHOP_ID})
    return {
        "people": people,
        "tokens": [
            {"kind": "register", "register": register_id(lane), "shop": SHOP_ID, "token": tokens[lane]}
            for lane in range(1, shop.lanes + 1)
        ],
    }
