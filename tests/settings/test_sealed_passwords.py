"""Passwords of cameras and of the broker: typed on a page, kept sealed, never in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from tenban.access.model import FUNCTIONS_OF_ROLE, Actor, Role
from tenban.base.clock import SystemClock
from tenban.db import Database
from tenban.db.engine import sqlite_url
from tenban.db.keyring import FileKeyring, NotOurs
from tenban.db.sealing import Gone
from tenban.db.vault import Vault, is_marker
from tenban.settings.changes import Change
from tenban.settings.desk import SettingsDesk
from tenban.settings.file import check
from tenban.settings.model import SettingsRefused
from tenban.sites.address import password_of
from tenban.sites.secrets import opened_address

TEXT = """
[company]
name = "T"
[[shop]]
id = "s"
name = "S"
[[shop.camera]]
id = "by-hand"
name = "written by hand"
url = "rtsp://u:by-hand@192.168.1.9/1"
"""
HEAD = Actor("person", "person:1", "Head", None, FUNCTIONS_OF_ROLE[Role.ADMINISTRATOR])
ADAPTER: TypeAdapter[Any] = TypeAdapter(Change)


@pytest.fixture
def vault(migrated_sqlite: Path, tmp_path: Path) -> Vault:
    (tmp_path / "tenban.db").write_bytes(migrated_sqlite.read_bytes())
    ring = FileKeyring(tmp_path / "keys")
    ring.ensure()
    return Vault(Database(sqlite_url(tmp_path / "tenban.db")), ring, SystemClock())


@pytest.fixture
def desk(vault: Vault, tmp_path: Path) -> SettingsDesk:
    (tmp_path / "tenban.toml").write_text(TEXT, encoding="utf-8")
    return SettingsDesk(tmp_path / "tenban.toml", vault.db, vault.clock, vault.keep_secret)


async def save(desk: SettingsDesk, change: dict[str, Any], *, trial: bool = False) -> None:
    base = (await desk.look()).sha256
    await desk.save(HEAD, base, ADAPTER.validate_python(change), trial=trial)


def camera(password: str | None, **more: Any) -> dict[str, Any]:
    form = {"kind": "camera", "shop": "s", "id": "c", "name": "C", "address": "rtsp://192.168.1.10/1"}
    return {**form, "user": "admin", "password": password, **more}


async def test_a_typed_password_is_in_neither_file_nor_history(desk: SettingsDesk, vault: Vault) -> None:
    """The file names it; whoever connects gets it, also after a new key; what was written by hand stays."""
    await save(desk, camera("geheim & co", new=True), trial=True)
    assert vault.counts() == {}
    await save(desk, camera("geheim & co", new=True))
    text = desk.path.read_text(encoding="utf-8")
    assert "geheim" not in text
    assert "u:by-hand@" in text
    assert all("geheim" not in one.text for one in await desk.history(HEAD))
    url = check(text)[0].camera("c").url
    assert is_marker(password_of(url))
    vault.ring.renew()
    assert vault.rewrap() == 1
    assert opened_address(url, vault) == "rtsp://admin:geheim%20%26%20co@192.168.1.10/1"
    assert opened_address("rtsp://u:by-hand@x/1", vault) == "rtsp://u:by-hand@x/1"
    await save(desk, camera(None, name="Another name"))
    assert check(desk.path.read_text(encoding="utf-8"))[0].camera("c").url == url
    await save(desk, camera("other"))
    assert opened_address(check(desk.path.read_text(encoding="utf-8"))[0].camera("c").url, vault) == (
        "rtsp://admin:other@192.168.1.10/1"
    )


async def test_the_brokers_password_is_sealed_as_a_brokers(desk: SettingsDesk, vault: Vault) -> None:
    """It opens as nothing else, and not on a machine that does not keep it."""
    await save(desk, {"kind": "mqtt", "on": True, "host": "broker", "user": "u", "password": "geheim"})
    text = desk.path.read_text(encoding="utf-8")
    assert "geheim" not in text
    broker = check(text)[0].mqtt
    assert broker is not None
    assert vault.secret("broker", broker.password or "") == "geheim"
    with pytest.raises(NotOurs):
        vault.secret("camera", broker.password or "")
    with pytest.raises(Gone, match="enter it again"):
        vault.secret("broker", "tenban-sealed-0000000000000000")


async def test_the_smaller_stream_has_the_cameras_password_sealed(desk: SettingsDesk, vault: Vault) -> None:
    """User and password are typed once; a stream added later takes the kept one along, on the same device."""
    await save(desk, camera("geheim", new=True))
    await save(desk, camera(None, sub="rtsp://192.168.1.10/2"))
    one = check(desk.path.read_text(encoding="utf-8"))[0].camera("c")
    assert "geheim" not in desk.path.read_text(encoding="utf-8")
    assert opened_address(one.sub, vault) == "rtsp://admin:geheim@192.168.1.10/2"
    await save(desk, camera("anderes"))
    one = check(desk.path.read_text(encoding="utf-8"))[0].camera("c")
    assert opened_address(one.sub, vault) == "rtsp://admin:anderes@192.168.1.10/2"
    assert is_marker(password_of(one.sub))
    with pytest.raises(SettingsRefused) as refused:
        await save(desk, camera(None, sub="rtsp://192.168.1.99/2"))
    assert [mistake.field for mistake in refused.value.mistakes] == ["sub"]
    with pytest.raises(SettingsRefused) as refused:
        await save(desk, camera("x", sub="rtsp://127.0.0.1/2"))
    assert "tenban.toml" in refused.value.mistakes[0].expected
    await save(desk, camera(None, sub=""))
    assert not check(desk.path.read_text(encoding="utf-8"))[0].camera("c").sub
    what = [difference.key for revision in await desk.history(HEAD) for difference in revision.what]
    assert [key for key in what if key.startswith("camera.sub")] == [
        "camera.sub_off",
        "camera.sub_password",
        "camera.sub",
    ]
