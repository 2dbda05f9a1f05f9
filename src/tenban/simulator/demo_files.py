"""What the demo writes for the product to read: its configuration and its accounts. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from tenban.simulator.camera_view import View
from tenban.simulator.lanes import Shop, register_id

SHOP_ID = "demo"
PEOPLE = (
    ("attendant", "attendant", SHOP_ID),
    ("supervisor", "supervisor", SHOP_ID),
    ("admin", "administrator", None),
)
"""Sign-in name, role and shop (None: the whole company)."""
PASSWORD = "tenban-demo"  # noqa: S105  # printed on the screen of whoever starts the demo
SPARE_REGISTERS: tuple[dict[str, str], ...] = (
    {"id": "try-self", "kind": "self"},
    {"id": "try-semi", "kind": "semi_self"},
    {"id": "try-staffed", "kind": "staffed"},
)
"""Registers that no simulated till drives: whoever tries the demo opens them in a browser."""
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
        # The simulated cameras run on this machine, where no camera is expected otherwise.
        "[network]",
        'allow = ["127.0.0.1"]',
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
    # Numbers read well in both languages; names would be of one.
    for number, spare in enumerate(SPARE_REGISTERS, start=shop.lanes + 1):
        lines += ["[[shop.register]]", *(f'{key} = "{value}"' for key, value in spare.items())]
        lines.append(f'name = "{number}"')
    # Six lanes of cluttered counters: an attendant is better served by fewer and surer briefs.
    lines += ["[rules.item_not_registered]", "spare_explains = true"]
    return "\n".join(lines) + "\n"


def goods(shop: Shop) -> str:
    """Return the PLU master: what the simulated shoppers buy, and things to look up, weigh and check."""
    lines = ["code,name,reading,price,unit,category,minimum_age"]
    lines += [
        f'{product.plu},"{product.name}",,{product.price},piece,{_CATEGORIES[product.kind]},'
        for product in shop.assortment()
    ]
    return "\n".join([*lines, *_MORE_GOODS]) + "\n"


_CATEGORIES = {
    "box": "菓子", "can": "飲料", "tin": "缶詰", "bottle": "飲料", "carton": "乳製品", "pouch": "菓子",
    "fruit": "果物", "bananas": "果物", "greens": "野菜", "tray": "精肉", "bread": "パン",
    "onigiri": "惣菜", "small": "菓子", "cup": "麺類",
}  # fmt: skip
_MORE_GOODS = (
    "4901000000013,緑茶 500ml,りょくちゃ,138,piece,飲料,",
    "4901000000020,牛乳 1L,ぎゅうにゅう,258,piece,乳製品,",
    "4901000000037,缶ビール 350ml,かんびーる,228,piece,酒類,20",
    "1001,バナナ,ばなな,298,kg,果物,",
    "1002,りんご ふじ,りんごふじ,158,piece,果物,",
    "1003,みかん,みかん,68,piece,果物,",
    "1004,トマト,とまと,98,piece,野菜,",
    "1005,長ねぎ,ながねぎ,178,piece,野菜,",
    "1006,玉ねぎ,たまねぎ,48,piece,野菜,",
    "1007,クロワッサン,くろわっさん,148,piece,パン,",
    "1008,おにぎり 鮭,おにぎりさけ,128,piece,惣菜,",
    "1009,レジ袋 M,れじぶくろ,5,piece,その他,",
    "0201234003984,刺身サーモン,さしみさーもん,,piece,鮮魚,",
)


def accounts(shop: Shop, tokens: Mapping[int, str], tally_password: str) -> dict[str, Any]:
    """Return the accounts and register tokens of the demo."""
    people: list[dict[str, Any]] = [
        {"name": name, "password": PASSWORD, "roles": [role], "shop": shop_id}
        for name, role, shop_id in PEOPLE
    ]
    people.append({"name": TALLY_NAME, "password": tally_password, "roles": ["attendant"], "shop": SHOP_ID})
    return {
        "people": people,
        "tokens": [
            {"kind": "register", "register": register_id(lane), "shop": SHOP_ID, "token": tokens[lane]}
            for lane in range(1, shop.lanes + 1)
        ],
    }
