"""Camera addresses on screens: secrets hidden, and kept where they were left alone."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenban.base.errors import BadInput
from tenban.sites.address import compose, masked, shown

KNOWN = "rtsp://admin:p%40ss@cam.local:554/stream?channel=1&password=geheim"
secrets = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=20
)


def test_no_secret_is_shown() -> None:
    """Neither the password nor a secret in the query is in what a page gets."""
    seen = shown(KNOWN)
    assert seen.address == "rtsp://cam.local:554/stream?channel=1&password=***"
    assert (seen.user, seen.has_password) == ("admin", True)
    assert masked(KNOWN) == "rtsp://admin:***@cam.local:554/stream?channel=1&password=***"
    assert shown("/dev/video0").address == "/dev/video0"


@given(secrets, secrets)
def test_any_name_and_password_come_through_whole(user: str, password: str) -> None:
    """Whatever signs they hold, the address that is kept gives them back, and the shown one does not."""
    url = compose("rtsp://cam.local/1", user, password, known=None)
    assert (unquote(urlsplit(url).username or ""), unquote(urlsplit(url).password or "")) == (user, password)
    assert shown(url).address == "rtsp://cam.local/1"
    assert compose("rtsp://cam.local/1", user, None, known=url) == url


def test_what_was_left_alone_is_kept() -> None:
    """An address sent back as it was shown changes nothing; another path keeps the password."""
    assert compose(shown(KNOWN).address, "admin", None, known=KNOWN) == KNOWN
    other = compose("rtsp://cam.local:554/two?password=***", "admin", None, known=KNOWN)
    assert other == "rtsp://admin:p%40ss@cam.local:554/two?password=geheim"
    assert compose("rtsp://cam.local:554/two", "", "", known=KNOWN) == "rtsp://cam.local:554/two"


@pytest.mark.parametrize(
    "address", ["rtsp://elsewhere/stream", "rtsp://cam.local:555/s", "http://cam.local:554/s"]
)
def test_a_kept_password_goes_to_no_other_device(address: str) -> None:
    """Whoever changes the device has to know the password."""
    with pytest.raises(BadInput, match="password again"):
        compose(address, "admin", None, known=KNOWN)
    with pytest.raises(BadInput, match="value of password again"):
        compose(address + "?password=***", "admin", "new", known=KNOWN)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ftp://cam/1",
        "cam.local",
        "rtsp://",
        "file:///etc/passwd",
        "/etc/passwd",
        "rtsp://cam:x/1",
        "rtsp://u:p@cam/1",
    ],
)
def test_only_cameras_can_be_named_on_a_page(address: str) -> None:
    """Files of the server, half addresses and passwords within the address are refused."""
    with pytest.raises(BadInput):
        compose(address, "", "", known=None)


def test_a_file_that_the_file_names_stays_as_it_is() -> None:
    """A recording named by hand as a camera may keep its place while its name is edited."""
    assert compose("/srv/film.mp4", "", None, known="/srv/film.mp4") == "/srv/film.mp4"
    with pytest.raises(BadInput):
        compose("/srv/other.mp4", "", None, known="/srv/film.mp4")
