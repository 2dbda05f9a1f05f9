"""A shop whose cameras are looked after: what was measured, what lies on the disk, who answers a call."""

from __future__ import annotations

import json
from dataclasses import replace

from playwright.sync_api import Page, Route

from pages.settings_shop import SettingsShop
from tenban.base.clock import SECOND
from tenban.base.ids import new_id
from tenban.simulator.onvif import OnvifCamera
from tenban.simulator.onvif_answers import OnvifStream
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.health import Measured
from tenban.video.measures import save_measured
from tenban.video.model import FragmentRow, IndexBatch, Segment
from tenban.video.packets import StreamInfo
from tenban.video.queries import FootageIndex

ALLOW = '\n[network]\nallow = ["127.0.0.0/8"]\n'
DAY_US = 86_400 * SECOND
STREAMS = [
    OnvifStream("MainStream", "lane-1", 1920, 1080, 15, 4096, 30),
    OnvifStream("SubStream", "lane-1-small", 640, 360, 10, 512, 20),
    OnvifStream("H.265 archive", "lane-1-h265", 2560, 1440, 15, 2048, 30, codec="H265"),
    OnvifStream("Snapshots", "lane-1-jpeg", 640, 480, 1, 2048, 1, codec="JPEG"),
]
MEASURED = Measured(
    "cam-1", 0, 0, "recording", None, "h264", 1920, 1080, 4073.2, 15.0, 2000, 128_420, 0, 0, 0, 0, 2, 1_840
)


def camera() -> OnvifCamera:
    """A camera that answers on this machine, with a clock two minutes behind."""
    one = OnvifCamera(STREAMS, rtsp_port=554, clock_off_s=-121.0, maker="AXIS", model="M3106-L Mk II")
    one.start()
    return one


def measure(shop: SettingsShop, *, lost: bool = False) -> None:
    """Fill in what a week of recording left behind."""
    now_at = shop.here.clock.now()
    index = FootageIndex(shop.here.db)
    info = StreamInfo("cam-1", "run", "h264", 1920, 1080, b"\x01")
    batch = IndexBatch()
    for day in range(7):
        for part in range(3):
            at = now_at - day * DAY_US - part * 3600 * SECOND - 1800 * SECOND
            segment = Segment(new_id(at), info, f"cam-1/{new_id(at)}.mp4", at, 0)
            batch.segments.append(segment)
            batch.fragments.append(
                FragmentRow(
                    "cam-1",
                    segment.id,
                    at + SECOND,
                    at + 3600 * SECOND,
                    0,
                    True,
                    0,
                    1_800_000_000 - day * 90_000_000,
                    b"",
                )
            )
            batch.ended.append((segment.id, at + 3600 * SECOND))
    status = CameraStatus.LOST if lost else CameraStatus.RECORDING
    why = "camera cam-1: rtsp://192.168.1.21/stream1 was lost: it was silent for 5 s" if lost else None
    retry_at = now_at + 4 * SECOND if lost else None
    batch.states.append(CameraState("cam-1", status, now_at - 2 * 3600 * SECOND, why, retry_at))
    index.add(batch)
    main = replace(MEASURED, at=now_at, since_at=now_at - 3 * DAY_US, state=status.value, why=why)
    if lost:
        main = replace(
            main, codec="h265", kbit_s=0.0, fps=0.0, lost=214, late=3, damaged=2, clock_off_ms=-121_000
        )
    small = replace(
        main, stream="cam-1.sub", width=640, height=360, kbit_s=498.0, fps=10.0, state="recording", why=None
    )
    shop.here.db.write_now(lambda connection: save_measured(connection, [main, small]))


def with_sub(text: str) -> str:
    """Give the first camera of a configuration a smaller stream."""
    return text.replace('/stream1"\n', '/stream1"\nsub = "rtsp://admin:geheim@192.168.1.21/stream2"\n', 1)


def answer_calls(page: Page, port: int | None) -> None:
    """Let cameras answer a call on this page: one that can be asked, one known already, one out of reach."""
    found = [
        _found("AXIS M3106-L", "AXIS M3106-L Mk II", f"http://127.0.0.1:{port}/onvif/device_service", "入口"),
        _found(
            "DS-2CD2143", "DS-2CD2143G2-I", "http://192.168.1.21/onvif/device_service", "", ["レーン1 天井"]
        ),
        {
            **_found("IPC", "IPC-HFW", "", ""),
            "addresses": [],
            "refused": ["169.254.9.9: a link-local address"],
        },
    ]
    body = json.dumps({"cameras": found if port is not None else []})

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=body)

    page.route("**/settings/cameras/find", answer)


def _found(
    name: str, model: str, address: str, place: str, known_as: list[str] | None = None
) -> dict[str, object]:
    return {
        "endpoint": f"urn:uuid:{name}",
        "addresses": [address],
        "refused": [],
        "name": name,
        "model": model,
        "place": place,
        "known_as": known_as or [],
    }
