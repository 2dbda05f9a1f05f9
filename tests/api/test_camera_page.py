"""Asking cameras and reading how they do, over HTTP: what is told, what stays, and where no password goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pages.camera_scenes import ALLOW, camera, measure, with_sub
from pages.settings_shop import PASSWORD, SettingsShop, configuration, settings_shop
from tenban.access.cookies import SESSION_COOKIE
from tenban.access.origin import page_token
from tenban.simulator.onvif import OnvifCamera

ROOT = "/api/v1/settings/cameras"


@pytest.fixture(scope="module")
def asked() -> Iterator[OnvifCamera]:
    one = camera()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def shop(
    tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path, asked: OnvifCamera
) -> Iterator[SettingsShop]:
    text = with_sub(configuration()) + ALLOW
    text = text.replace("rtsp://admin:geheim@192.168.1.22/stream1", "rtsp://admin:secret@127.0.0.1/lane-1")
    with settings_shop(migrated_sqlite, tmp_path_factory.mktemp("cameras"), text=text) as shop:
        yield shop


@pytest.fixture(scope="module")
def installer(shop: SettingsShop) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.url, timeout=30) as client:
        client.headers["origin"] = shop.url
        assert client.post("/api/v1/session", json={"name": "setup", "password": PASSWORD}).is_success
        token = page_token(client.cookies[SESSION_COOKIE])
        client.headers["x-tenban-csrf"] = token
        yield client


def test_a_kept_password_is_proven_to_its_own_device_only(
    installer: httpx.Client, asked: OnvifCamera
) -> None:
    """A camera of the settings is asked with its kept password; another host has to have it typed."""
    body = {"shop": "shop-1", "camera": "cam-2", "address": f"127.0.0.1:{asked.port}"}
    report = installer.post(f"{ROOT}/ask", json=body).json()
    assert (report["trouble"], report["main"], report["sub"]) == (None, "MainStream", "SubStream")
    assert report["clock"]["is_far"] is True
    assert "secret" not in str(report)
    elsewhere = installer.post(f"{ROOT}/ask", json={**body, "address": "192.168.1.99"})
    assert elsewhere.status_code == 400
    assert [one["field"] for one in elsewhere.json()["error"]["mistakes"]] == ["password"]


def test_a_page_leads_to_no_other_service(installer: httpx.Client) -> None:
    """What is not where cameras are is refused before anything is sent, in a word of its own."""
    body = {"shop": "shop-1", "address": "http://169.254.169.254/latest", "user": "", "password": ""}
    assert installer.post(f"{ROOT}/ask", json=body).json()["trouble"] == "not_allowed"
    body["address"] = "file:///etc/hostname"
    assert installer.post(f"{ROOT}/ask", json=body).json()["trouble"] == "address"


def test_a_cameras_figures_are_told_and_old_ones_marked(shop: SettingsShop, installer: httpx.Client) -> None:
    """State, both streams and the footage by the shop's days; a camera never seen has none of it."""
    measure(shop)
    told = installer.get(f"{ROOT}/cam-1").json()
    assert (told["state"]["status"], told["losses_day"], told["lanes"]) == ("recording", 0, ["1"])
    assert (told["main"]["kbit_s"], told["main"]["clock_off_ms"], told["main"]["is_stale"]) == (
        4073.2,
        1840,
        False,
    )
    assert told["small"]["width"] == 640
    assert told["hour_kbit_s"] > 1000
    assert "geheim" not in str(told)
    footage = installer.get(f"{ROOT}/cam-1/footage").json()
    assert footage["kept_days"] == 30
    assert footage["bytes"] == sum(day["bytes"] for day in footage["days"])
    assert [day["day"] for day in footage["days"]] == sorted(
        (day["day"] for day in footage["days"]), reverse=True
    )
    never = installer.get(f"{ROOT}/cam-2").json()
    assert (never["state"], never["main"], never["newest_at"]) == (None, None, None)
    assert installer.get(f"{ROOT}/cam-2/footage").json()["days"] == []
    assert installer.get(f"{ROOT}/cam-99").status_code == 404
