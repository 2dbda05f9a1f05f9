"""Sealing keys told by a command."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import pytest

from tenban.base.fakes import FakeClock
from tenban.db.key_command import AGAIN_S, COMMAND, open_told_keyring
from tenban.db.keyring import FileKeyring, KeyMissing

KEY = base64.b64encode(bytes(range(32))).decode()


def told_by(path: Path) -> dict[str, str]:
    """A command that prints what stands in a file, and fails where there is none."""
    return {COMMAND: f"{sys.executable} -c 'print(open(\"{path}\").read())'"}


def test_keys_come_from_what_the_command_prints(tmp_path: Path, clock: FakeClock) -> None:
    """The newest wraps, each unwraps what it wrapped, and no key file is made."""
    service = tmp_path / "service"
    service.write_text(f"1:{KEY}, 3:{KEY}")
    ring = open_told_keyring(tmp_path / "keys", told_by(service), clock)
    wrapped = ring.wrap(b"secret", b"for this")
    assert (wrapped.version, ring.versions()) == (3, (1, 3))
    assert ring.unwrap(wrapped, b"for this") == b"secret"
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("printed", [None, "", "1:short", "a password"])
def test_a_command_that_tells_no_key_is_asked_again(
    tmp_path: Path, clock: FakeClock, printed: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    """Until then the key is missing, as a file that is away; what was printed is told to nobody."""
    service = tmp_path / "service"
    if printed is not None:
        service.write_text(printed)
    ring = open_told_keyring(tmp_path / "keys", told_by(service), clock)
    with pytest.raises(KeyMissing, match=COMMAND) as refused:
        ring.newest()
    assert "password" not in str(refused.value) + "".join(capfd.readouterr())
    service.write_text(f"2:{KEY}")
    with pytest.raises(KeyMissing):
        ring.newest()
    clock.fast_forward(length_s=AGAIN_S)
    assert ring.newest() == 2


def test_a_version_that_is_new_at_the_service_opens_without_a_restart(
    tmp_path: Path, clock: FakeClock
) -> None:
    """What another process wrapped with a newer key is opened as soon as the service tells it."""
    service = tmp_path / "service"
    service.write_text(f"1:{KEY}")
    ring = open_told_keyring(tmp_path / "keys", told_by(service), clock)
    assert ring.newest() == 1
    service.write_text(f"1:{KEY},2:{KEY}")
    newer = open_told_keyring(tmp_path / "keys", told_by(service), clock).wrap(b"x", b"y")
    clock.fast_forward(length_s=AGAIN_S)
    assert (newer.version, ring.unwrap(newer, b"y")) == (2, b"x")


def test_without_a_command_the_keys_lie_in_files(tmp_path: Path, clock: FakeClock) -> None:
    """As before."""
    assert isinstance(open_told_keyring(tmp_path / "keys", {}, clock), FileKeyring)
