"""The keys that wrap keys."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest

from tenban.base.errors import BadInput, Conflict
from tenban.db.keyring import (
    ENVIRONMENT,
    FileKeyring,
    KeyMissing,
    Keyring,
    LocalKeyring,
    NotOurs,
    Wrapped,
    open_keyring,
)
from tenban.db.vault import is_sealed, open_secret, seal_secret


class FakeService:
    """A key-management service: it wraps and unwraps elsewhere; its keys are never seen here."""

    where = "a service"

    def __init__(self) -> None:
        self._inside = LocalKeyring({7: bytes(32)})
        self.asked = 0

    def newest(self) -> int:
        return self._inside.newest()

    def versions(self) -> tuple[int, ...]:
        return self._inside.versions()

    def wrap(self, secret: bytes, bound_to: bytes) -> Wrapped:
        self.asked += 1
        return self._inside.wrap(secret, bound_to)

    def unwrap(self, wrapped: Wrapped, bound_to: bytes) -> bytes:
        self.asked += 1
        return self._inside.unwrap(wrapped, bound_to)

    def renew(self) -> int:
        raise Conflict("the service renews its keys by itself")


def test_a_first_key_is_made_whole_and_only_for_the_server(tmp_path: Path) -> None:
    """Mode 0600, in a folder of mode 0700; whoever comes next finds the same key."""
    ring = open_keyring(tmp_path / "keys", {})
    file = tmp_path / "keys" / "sealing-1.key"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    wrapped = ring.wrap(b"secret", b"for this")
    assert open_keyring(tmp_path / "keys", {}).unwrap(wrapped, b"for this") == b"secret"


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """Of several first keys made at the same moment one stays, and all use it."""
    rings: list[Keyring] = []
    threads = [threading.Thread(target=lambda: rings.append(open_keyring(tmp_path, {}))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wrapped = rings[0].wrap(b"x", b"")
    assert [ring.unwrap(wrapped, b"") for ring in rings] == [b"x"] * 6
    assert [path.name for path in tmp_path.iterdir()] == ["sealing-1.key"]


def test_another_process_sees_a_new_key_at_once(tmp_path: Path) -> None:
    """What one process renews, another wraps with; what was wrapped before still opens."""
    one, other = FileKeyring(tmp_path), FileKeyring(tmp_path)
    one.ensure()
    before = other.wrap(b"x", b"")
    assert one.renew() == 2
    assert other.wrap(b"y", b"").version == 2
    assert other.unwrap(before, b"") == b"x"


def test_a_missing_key_says_where_it_is_looked_for(tmp_path: Path) -> None:
    """The sentence names the key and the folder, and what to do."""
    ring = FileKeyring(tmp_path)
    ring.ensure()
    wrapped = ring.wrap(b"x", b"")
    ring.renew()
    (tmp_path / "sealing-1.key").unlink()
    with pytest.raises(KeyMissing, match=rf"sealing key 1 in {tmp_path}.*put it back"):
        ring.unwrap(wrapped, b"")


def test_what_was_wrapped_for_one_thing_opens_for_no_other(tmp_path: Path) -> None:
    """Bound to its purpose; a changed byte, another purpose and another key are all refused."""
    ring = open_keyring(tmp_path, {})
    wrapped = ring.wrap(b"x", b"blob a")
    flipped = wrapped.text[:-1] + bytes([wrapped.text[-1] ^ 1])
    for text, purpose in ((wrapped.text, b"blob b"), (flipped, b"blob a"), (b"", b"blob a")):
        with pytest.raises(NotOurs):
            ring.unwrap(Wrapped(1, text), purpose)
    with pytest.raises(NotOurs):
        LocalKeyring({1: bytes(32)}).unwrap(wrapped, b"blob a")


def test_keys_may_come_from_the_environment(tmp_path: Path) -> None:
    """Nothing is written then; the highest number wraps; what is no key is refused without showing it."""
    key = base64.b64encode(bytes(32)).decode()
    ring = open_keyring(tmp_path / "keys", {ENVIRONMENT: f"1:{key}, 4:{key}"})
    assert (ring.newest(), ring.versions(), (tmp_path / "keys").exists()) == (4, (1, 4), False)
    with pytest.raises(Conflict, match=ENVIRONMENT):
        ring.renew()
    for wrong in ("1:hunter2hunter2", key, "", "x:y"):
        with pytest.raises(BadInput) as refused:
            open_keyring(tmp_path, {ENVIRONMENT: wrong})
        assert "hunter2" not in str(refused.value)
    (tmp_path / "sealing-3.key").write_text("hunter2")
    with pytest.raises(BadInput, match="32 bytes in base64"):
        open_keyring(tmp_path, {})


@pytest.mark.parametrize("kind_of_ring", ["file", "service"])
def test_short_secrets_are_sealed_for_what_they_are_of(tmp_path: Path, kind_of_ring: str) -> None:
    """A password opens for its own camera alone, looks like no password, and survives a new key."""
    ring: Keyring = open_keyring(tmp_path, {}) if kind_of_ring == "file" else FakeService()
    kept = seal_secret(ring, "camera", "cam-1", "パス word")
    assert is_sealed(kept)
    assert "word" not in kept
    assert open_secret(ring, "camera", "cam-1", kept) == "パス word"
    for kind, its_id in (("camera", "cam-2"), ("broker", "cam-1")):
        with pytest.raises(NotOurs):
            open_secret(ring, kind, its_id, kept)
    for wrong in ("plain", "sealed:", "sealed:1", "sealed:x:abc"):
        with pytest.raises((BadInput, NotOurs, KeyMissing)):
            open_secret(ring, "camera", "cam-1", wrong)
    if isinstance(ring, FileKeyring):
        ring.renew()
        assert open_secret(ring, "camera", "cam-1", kept) == "パス word"
