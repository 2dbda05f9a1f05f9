"""Answers to a call to all (WS-Discovery), for cameras that do not exist."""

from __future__ import annotations

import re
import socket
import struct
import threading
from dataclasses import dataclass, field
from xml.sax.saxutils import escape


@dataclass(slots=True)
class OnvifResponder:
    """Answers probes on a multicast group, for cameras that stand elsewhere.

    Attributes:
        answers: of each camera: endpoint, scopes, and the addresses it gives out.
        interface: on which the group is joined.
        group: the multicast address.
        port: to listen on; 0: any.
    """

    answers: list[tuple[str, str, str]]
    interface: str = "lo"
    group: str = "239.255.255.250"
    port: int = 0
    heard: int = 0
    _link: socket.socket | None = field(default=None, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> int:
        """Join the group, and return the port.

        Raises:
            OSError: the interface has no multicast.
        """
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            link.bind((self.group, self.port))
            chosen = socket.inet_aton(self.group) + struct.pack(
                "=4si", bytes(4), socket.if_nametoindex(self.interface)
            )
            link.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, chosen)
            link.settimeout(0.1)
        except OSError:
            link.close()
            raise
        self._link = link
        self._thread = threading.Thread(target=self._serve, args=(link,), name="discovery", daemon=True)
        self._thread.start()
        return int(link.getsockname()[1])

    def stop(self) -> None:
        """Leave the group and end the thread."""
        link, self._link = self._link, None
        if link is not None and self._thread is not None:
            self._thread.join(5)
            link.close()

    def _serve(self, link: socket.socket) -> None:
        while self._link is not None:
            try:
                data, sender = link.recvfrom(65_535)
            except TimeoutError:
                continue
            found = re.search(rb"MessageID[^>]*>([^<]+)<", data)
            if found is None or b"NetworkVideoTransmitter" not in data:
                continue
            self.heard += 1
            for one in self.answers:
                link.sendto(probe_match(found[1].decode(), *one), sender)


def probe_match(message_id: str, endpoint: str, scopes: str, addresses: str) -> bytes:
    """Return a camera's answer to a probe."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" '
        'xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><s:Header>'
        f"<a:RelatesTo>{escape(message_id)}</a:RelatesTo></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch>"
        f"<a:EndpointReference><a:Address>{escape(endpoint)}</a:Address></a:EndpointReference>"
        f"<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>{escape(scopes)}</d:Scopes>"
        f"<d:XAddrs>{escape(addresses)}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
        "</d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>"
    ).encode()
