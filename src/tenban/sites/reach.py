"""What this server may connect to, so that an address typed into a page does not lead to the server itself.

A camera stands in the shop's own network, a receiver of webhooks outside of it, a company's identity
provider in either; none is this machine, a cloud's metadata service or the device that happens to be next on
the cable. ``[network] allow`` in ``tenban.toml`` names exceptions. (OWASP: server-side request forgery
prevention; IANA special-purpose address registries.)
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Final, Literal, TypeAlias

from tenban.base.errors import BadInput

Address: TypeAlias = IPv4Address | IPv6Address
Purpose = Literal["camera", "webhook", "broker", "printer", "identity provider", "time-stamping authority"]
OUTSIDE: Final = frozenset({"webhook", "time-stamping authority"})
"""What is reached outside of private networks only."""
Resolve: TypeAlias = Callable[..., Sequence[tuple[Any, ...]]]

_NAMES = {"metadata", "metadata.google.internal", "instance-data", "metadata.azure.internal"}
_METADATA = {
    ip_address(one) for one in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")
}
_NAT64 = IPv6Network("64:ff9b::/96")


class NotReached(BadInput):
    """The address leads where nothing of this kind is reached; says how to allow it."""

    code = "address_not_allowed"


@dataclass(frozen=True, slots=True)
class Reach:
    """What may be reached for one purpose.

    Attributes:
        purpose: webhooks and time-stamping authorities are reached outside only, the others in private too.
        allow: addresses, networks and host names that are reached all the same.
    """

    purpose: Purpose
    allow: tuple[str, ...] = ()

    def addresses(self, host: str, port: int, *, resolve: Resolve = socket.getaddrinfo) -> list[str]:
        """Return the addresses of a host, each of them one that may be reached.

        Whoever connects takes one of these, and asks no second time: the name may lead elsewhere by then.

        Raises:
            NotReached: it leads somewhere else, be it by one of several addresses.
            OSError: there is no such name.
        """
        self.check_name(host)
        found = resolve(host, port, type=socket.SOCK_STREAM)
        texts = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for text in texts:
            self.check(ip_address(text.partition("%")[0]), host)
        return texts

    def check_name(self, host: str) -> None:
        """Check what can be told from the host as it is written.

        Raises:
            NotReached: it may not be reached, whatever it leads to.
        """
        literal = _literal(host)
        if literal is not None:
            self.check(literal, host)
        elif host.lower().rstrip(".") in _NAMES and not self._names(host):
            raise self._refusal(host, "a cloud's metadata service")

    def check(self, address: Address, host: str) -> None:
        """Check one address of a host.

        Raises:
            NotReached: it may not be reached.
        """
        why = self._why_not(_inner(address))
        if why is not None and not self._names(host) and not self._holds(_inner(address)):
            raise self._refusal(host, why)

    def _why_not(self, address: Address) -> str | None:
        kinds = {
            "a cloud's metadata service": address in _METADATA,
            "no address": address.is_unspecified,
            "this machine itself": address.is_loopback,
            "a link-local address": address.is_link_local,
            "a multicast address": address.is_multicast,
            "a reserved address": address.is_reserved,
        }
        if self.purpose in OUTSIDE:
            kinds["an address of a private network"] = not address.is_global
        return next((kind for kind, is_so in kinds.items() if is_so), None)

    def _names(self, host: str) -> bool:
        return host.lower().rstrip(".") in {one.lower().rstrip(".") for one in self.allow}

    def _holds(self, address: Address) -> bool:
        for text in self.allow:
            try:
                network = ip_network(text, strict=False)
            except ValueError:
                continue  # a host name
            if network.version == address.version and address in network:
                return True
        return False

    def _refusal(self, host: str, why: str) -> NotReached:
        return NotReached(
            "address",
            expected=f"the address of {'an' if self.purpose[0] in 'aeiou' else 'a'} {self.purpose} "
            f'(if it is meant, add "{host}" to allow under [network] in tenban.toml)',
            came=f"{host}: {why}",
        )


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _inner(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address
