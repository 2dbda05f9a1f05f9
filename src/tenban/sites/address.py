"""A camera's address on a screen: user name apart, password never shown, kept where it was left untouched."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from tenban.base.errors import BadInput

HIDDEN = "***"
_SECRET_NAMES = {"password", "passwd", "pass", "pwd", "psw", "token", "key", "auth"}
_NETWORK = ("rtsp", "rtsps", "http", "https", "udp", "tcp", "srt")


@dataclass(frozen=True, slots=True)
class ShownAddress:
    """What a page may know of a camera's address.

    Attributes:
        address: without user name and password; secrets in its query are hidden.
        user: the user name; empty where there is none.
        has_password: whether one is kept.
    """

    address: str
    user: str
    has_password: bool


def shown(url: str) -> ShownAddress:
    """Return what a page may know of an address."""
    parts = urlsplit(url)
    hidden = _with_query(url, {name: HIDDEN for name, _ in _secrets(parts.query)})
    place = parts.netloc.rsplit("@", 1)[-1]
    address = urlunsplit(urlsplit(hidden)._replace(netloc=place)) if place != parts.netloc else hidden
    return ShownAddress(address, unquote(parts.username or ""), bool(parts.password))


def masked(url: str) -> str:
    """Return an address in one line, as logs and histories may hold it."""
    seen = shown(url)
    if not seen.user and not seen.has_password:
        return seen.address
    head, _, rest = seen.address.partition("://")
    return f"{head}://{seen.user}{':' + HIDDEN if seen.has_password else ''}@{rest}"


def compose(address: str, user: str, password: str | None, *, known: str | None) -> str:
    """Return the address with its secrets, from what a form gave.

    Args:
        address: as typed; ``***`` in its query stands for what is kept.
        user: the user name; may be empty.
        password: None leaves the kept one untouched, empty takes it away.
        known: the address kept so far; None for a new camera.

    Raises:
        BadInput: no address that a page may set, or a kept password would go to another device.
    """
    address = address.strip()
    if known is not None and address == shown(known).address and urlsplit(known).scheme not in _NETWORK:
        return known  # a file or device that the file names, left as it is
    try:
        parts = urlsplit(address)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError as error:
        raise BadInput("address", expected="rtsp://HOST/PATH", came=repr(address[:120])) from error
    is_device = address.startswith("/dev/video")
    if not is_device and (parts.scheme not in _NETWORK or not parts.hostname or not port_is_good):
        raise BadInput(
            "address", expected="rtsp://HOST/PATH (or http, srt, udp, /dev/videoN)", came=repr(address[:120])
        )
    if is_device:
        return address
    if "@" in parts.netloc:
        raise BadInput(
            "address",
            expected="the address without name and password; they have fields of their own",
            came="one with @",
        )
    kept = urlsplit(known) if known else None
    same_device = kept is not None and (kept.scheme, kept.hostname, kept.port) == (
        parts.scheme,
        parts.hostname,
        parts.port,
    )
    if password is None:
        password = unquote(kept.password or "") if kept else ""
        if password and not same_device:
            raise BadInput(
                "password",
                expected="the password again, because the address leads to another device",
                came="nothing",
            )
    address = _with_kept_query(address, kept.query if kept and same_device else "")
    if not user and not password:
        return address
    secret = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{secret}@{parts.netloc}"))


def password_of(url: str) -> str:
    """Return the password in an address; empty where there is none."""
    return unquote(urlsplit(url).password or "")


def with_password(url: str, password: str) -> str:
    """Return an address that has a password with another one in its place."""
    parts = urlsplit(url)
    who, _, place = parts.netloc.rpartition("@")
    user = who.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{place}"))


def _with_kept_query(address: str, kept_query: str) -> str:
    query = urlsplit(address).query
    hidden = [name for name, value in _secrets(query) if value == HIDDEN]
    known = dict(_secrets(kept_query))
    lost = [name for name in hidden if name not in known]
    if lost:
        raise BadInput("address", expected=f"the value of {lost[0]} again", came=HIDDEN)
    return _with_query(address, {name: known[name] for name in hidden})


def _secrets(query: str) -> list[tuple[str, str]]:
    pairs = parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, value in pairs if name.lower() in _SECRET_NAMES]


def _with_query(url: str, values: dict[str, str]) -> str:
    if not values:
        return url
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    changed = [(name, values.get(name, value)) for name, value in pairs]
    return urlunsplit(parts._replace(query=urlencode(changed, safe="*/:")))
