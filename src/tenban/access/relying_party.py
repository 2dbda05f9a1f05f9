"""As what this server asks for passkeys: the host name in the browser's address bar. Pure.

Browsers make passkeys for host names only, over HTTPS or at ``localhost`` (Web Authentication, 5.1.3 and
"effective domain"; HTML, secure contexts). A passkey belongs to the name at which it was made, and browsers
offer it nowhere else: that is what makes it useless to a site that looks like ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from tenban.base.errors import BadInput

WhyNot = Literal["address", "plain"]


_EXPECTED: dict[WhyNot, str] = {
    "address": "a host name such as shop.example, since passkeys do not exist for a bare IP address",
    "plain": "https, since passkeys do not exist over plain http",
}


class NoPasskeysHere(BadInput):
    """Browsers neither make nor show passkeys at the address that people use."""

    code = "no_passkeys_here"

    def __init__(self, why: WhyNot) -> None:
        super().__init__("address", expected=_EXPECTED[why], came="another one")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """This server at one of its names.

    Attributes:
        id: the host name.
        origin: what browsers call its pages' origin.
    """

    id: str
    origin: str


def relying_party(scheme: str, host: str) -> RelyingParty | WhyNot:
    """Return as what to ask for passkeys at an address, or why browsers make none there.

    Args:
        scheme: as the browser sees it.
        host: the ``Host`` header, with its port where it is not the usual one.

    Returns:
        the relying party; ``address``: a bare IP address has no passkeys; ``plain``: http has none.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return "address"  # Policy: what is no host name has no passkeys.
    if not name or _is_address(name):
        return "address"
    local = name == "localhost" or name.endswith(".localhost")
    if scheme != "https" and not local:
        return "plain"
    return RelyingParty(name, f"{scheme}://{host.lower()}")


def must_be_party(scheme: str, host: str) -> RelyingParty:
    """Return as what to ask for passkeys at an address; raises NoPasskeysHere."""
    found = relying_party(scheme, host)
    if not isinstance(found, RelyingParty):
        raise NoPasskeysHere(found)
    return found


def _is_address(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return name.replace(".", "").isdigit()
    return True
