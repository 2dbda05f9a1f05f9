"""Who asks, where a reverse proxy stands between: its word is taken only where the file names it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers

Network = IPv4Network | IPv6Network


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address as headers write it, with or without port; None where it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def seen_through(
    peer: str, scheme: str, headers: Headers, trusted: Sequence[Network]
) -> tuple[str, str, bool]:
    """Return the client's address, the scheme it used, and whether a trusted proxy said so.

    ``X-Forwarded-For`` is read from its end: each proxy adds whom it saw, so the last address that is no
    trusted proxy is the client, whatever a client has written before it.

    Args:
        peer: who is connected.
        scheme: of that connection.
        headers: of the request.
        trusted: the proxies that the file names.
    """
    if not trusted or not _within(peer, trusted):
        return peer, scheme, False
    client = peer
    for text in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
        found = address_of(text)
        if found is None:
            break
        client = str(found)
        if not _within(client, trusted):
            break
    said = headers.get("x-forwarded-proto", "").strip().lower()
    return client, said if said in {"http", "https"} else scheme, True


def _within(text: str, networks: Sequence[Network]) -> bool:
    address = address_of(text)
    return address is not None and any(address in one for one in networks if one.version == address.version)
