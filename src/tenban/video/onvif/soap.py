"""SOAP 1.2 as cameras speak it: questions with a proof of the password, answers read without trust.

XML that comes from a device may name no entities, no document type and nothing to fetch, and may be of
bounded size only. (SOAP 1.2 part 1; WS-Security UsernameToken Profile 1.1; ONVIF Core specification, 5.9.)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from xml.sax.saxutils import escape

from lxml import etree

from tenban.base.clock import Instant, to_rfc3339
from tenban.base.errors import BadInput

MOST_BYTES = 1 << 20
MOST_TEXT = 200
_ENVELOPE = "http://www.w3.org/2003/05/soap-envelope"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_DIGEST = f"{_WSSE}-username-token-profile-1.0#PasswordDigest"
_NONCE = f"{_WSSE}-soap-message-security-1.0#Base64Binary"
_NOT_AUTHORIZED = {
    "notauthorized",
    "sendernotauthorized",
    "failedauthentication",
    "invalidsecurity",
    "operationprohibited",
}


class Fault(BadInput):
    """The camera answered that it will not.

    Attributes:
        codes: its reasons, without prefixes.
    """

    def __init__(self, codes: tuple[str, ...], reason: str) -> None:
        self.codes = codes
        said = ", ".join(codes) + (f": {reason}" if reason else "")
        super().__init__("camera's answer", expected="what was asked for", came=said or "a fault")

    @property
    def is_about_us(self) -> bool:
        """Whether it wants another user, password or time."""
        return any(code.lower() in _NOT_AUTHORIZED for code in self.codes)


def parse(data: bytes) -> etree._Element:
    """Return the root of a document from outside.

    Raises:
        BadInput: it is too long, no XML, or names a document type.
    """
    if len(data) > MOST_BYTES:
        raise BadInput("XML", expected=f"up to {MOST_BYTES} bytes", came=len(data))
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadInput("XML", expected="a document", came=str(error)[:MOST_TEXT]) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise BadInput("XML", expected="no document type", came="one")
    return root


def body_of(data: bytes) -> etree._Element:
    """Return what stands in an answer's body.

    Raises:
        Fault: the camera says that it will not.
        BadInput: it is no answer.
    """
    root = parse(data)
    body = child(root, "Body") if local(root) == "Envelope" else None
    inner = None if body is None else next(iter(body), None)
    if inner is None:
        raise BadInput("SOAP answer", expected="an envelope with a body", came=local(root) or "nothing")
    if local(inner) == "Fault":
        raise Fault(_codes(inner), _reason(inner))
    return inner


def envelope(body: str, *, header: str = "") -> bytes:
    """Return a question as bytes; ``body`` and ``header`` are XML of ours."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<s:Envelope xmlns:s="{_ENVELOPE}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def proof(user: str, password: str, *, at: Instant, nonce: bytes) -> str:
    """Return the header that proves the password without saying it.

    Args:
        user: the camera's user.
        password: the user's password.
        at: the camera's own time, or it takes the proof for an old one.
        nonce: bytes that were never used before.
    """
    created = to_rfc3339(at)[:23] + "Z"
    digest = hashlib.sha1(nonce + created.encode() + password.encode()).digest()  # noqa: S324  # the profile's
    return (
        f'<w:Security s:mustUnderstand="1" xmlns:w="{_WSSE}-wssecurity-secext-1.0.xsd">'
        f"<w:UsernameToken><w:Username>{escape(user)}</w:Username>"
        f'<w:Password Type="{_DIGEST}">{base64.b64encode(digest).decode()}</w:Password>'
        f'<w:Nonce EncodingType="{_NONCE}">{base64.b64encode(nonce).decode()}</w:Nonce>'
        f'<u:Created xmlns:u="{_WSSE}-wssecurity-utility-1.0.xsd">{created}</u:Created>'
        "</w:UsernameToken></w:Security>"
    )


def local(element: etree._Element) -> str:
    """Return an element's name without its namespace: makers disagree about those."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """Return the element found by going down these names, or None."""
    for name in names:
        if element is None:
            return None
        element = next((one for one in element if local(one) == name), None)
    return element


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """Yield the elements of a name right below another."""
    if element is not None:
        yield from (one for one in element if local(one) == name)


def text(element: etree._Element | None) -> str:
    """Return an element's text in one line, as it may be printed; empty where there is none."""
    return "" if element is None else printable(element.text or "")


def printable(said: str, most: int = MOST_TEXT) -> str:
    """Return text of a stranger without signs that move a terminal's cursor or turn its direction."""
    kept = "".join(sign if sign.isprintable() else " " for sign in said[: most * 4])
    return " ".join(kept.split())[:most]


def _codes(fault: etree._Element) -> tuple[str, ...]:
    found = [text(child(fault, "faultcode"))]
    code = child(fault, "Code")
    while code is not None and len(found) < 6:
        found.append(text(child(code, "Value")))
        code = child(code, "Subcode")
    return tuple(one.rpartition(":")[2] for one in found if one)


def _reason(fault: etree._Element) -> str:
    return text(child(fault, "Reason", "Text")) or text(child(fault, "faultstring"))
