"""Writing the file: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenban.base.errors import Unavailable
from tenban.settings.file import mistake_in, read_file, sha256_of, signature, write_file


def test_a_written_file_keeps_its_permissions_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    """The text is there, who may read it is as before, and no temporary file stays."""
    path = tmp_path / "tenban.toml"
    path.write_text("old")
    path.chmod(0o640)
    before = signature(path)
    write_file(path, "neu 店\n")
    assert path.read_bytes() == "neu 店\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert signature(path) != before
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """A file that may hold passwords begins as nobody else's to read."""
    write_file(tmp_path / "tenban.toml", "x")
    assert (tmp_path / "tenban.toml").stat().st_mode & 0o777 == 0o600


def test_a_link_is_followed(tmp_path: Path) -> None:
    """A file that lies elsewhere and is linked here stays a link."""
    (tmp_path / "etc").mkdir()
    real, link = tmp_path / "etc" / "real.toml", tmp_path / "tenban.toml"
    real.write_text("old")
    link.symlink_to(real)
    write_file(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """Nothing is changed where nothing can be."""
    with pytest.raises(Unavailable, match="nothing was changed"):
        write_file(tmp_path / "nowhere" / "tenban.toml", "x")


def test_what_is_gone_or_no_text_does_not_check(tmp_path: Path) -> None:
    """A missing file and one of other bytes are states, not crashes."""
    gone = read_file(tmp_path / "tenban.toml")
    assert gone.sha256 == sha256_of(b"")
    assert "an empty file or none" in (mistake_in(gone) or "")
    (tmp_path / "tenban.toml").write_bytes(b"\xff\xfe[")
    assert "expected UTF-8" in (mistake_in(read_file(tmp_path / "tenban.toml")) or "")
