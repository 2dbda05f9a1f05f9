"""A small time-stamping authority (RFC 3161, RFC 5652) that listens on a port, for tests."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SHA256, SHA512, ECDSA_SHA256 = (
    "2.16.840.1.101.3.4.2.1",
    "2.16.840.1.101.3.4.2.3",
    "1.2.840.10045.4.3.2",
)
POLICY = "1.2.3.4.1"
NOW = dt.datetime(2026, 11, 22, 3, 0, 0, tzinfo=dt.UTC)


def der(tag: int, *parts: bytes) -> bytes:
    """One element of ASN.1 in DER."""
    content = b"".join(parts)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def number(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(text: str) -> bytes:
    first, second, *rest = (int(part) for part in text.split("."))
    told = bytearray([first * 40 + second])
    for part in rest:
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(0x80 | part & 0x7F)
        told += bytes(reversed(groups))
    return der(0x06, bytes(told))


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements that stand one after the other: tag and content."""
    while data:
        tag, size, start = data[0], data[1], 2
        if size & 0x80:
            start += size & 0x7F
            size = int.from_bytes(data[2:start], "big")
        yield tag, data[start : start + size]
        data = data[start + size :]


@dataclass
class Authority:
    """An authority with a root, its own certificate, and ways to go wrong.

    Attributes:
        wrong: ``nonce``, ``hash``, ``refuse``, ``status``, ``flip`` or nothing.
        asked: how many requests came.
        at: what its clock says.
        said: what it signed last.
    """

    wrong: str = ""
    asked: int = 0
    at: dt.datetime = NOW
    url: str = ""
    said: bytes = b""
    root_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.root = self._certificate("Root of time", "Root of time", self.root_key, is_root=True)
        self.certificate = self._certificate("Clock", "Root of time", self.key, is_root=False)

    def trusted(self, folder: Path) -> Path:
        """A file with the root's certificate."""
        path = folder / "tsa.pem"
        path.write_bytes(self.root.public_bytes(Encoding.PEM))
        return path

    def answer(self, request: bytes) -> bytes:
        """The answer to a request."""
        self.asked += 1
        if self.wrong == "refuse":
            return sequence(sequence(number(2), sequence(der(0x0C, b"no time today"))))
        [(_, content)] = elements(request)
        _, (_, imprint), *rest = elements(content)
        nonce = next(int.from_bytes(value, "big") for tag, value in rest if tag == 0x02)
        if self.wrong == "nonce":
            nonce += 1
        imprint_der = sequence(imprint)
        if self.wrong == "hash":
            imprint_der = sequence(sequence(oid(SHA512), der(0x05)), der(0x04, bytes(64)))
        info = sequence(
            number(1),
            oid(POLICY),
            imprint_der,
            number(self.asked),
            der(0x18, self.at.strftime("%Y%m%d%H%M%SZ").encode()),
            number(nonce),
        )
        self.said = info
        token = self._signed(info)
        whole = sequence(sequence(number(0)), token)
        if self.wrong == "flip":
            return whole[:-1] + bytes([whole[-1] ^ 1])
        return whole

    def _signed(self, info: bytes) -> bytes:
        digest = hashes.Hash(hashes.SHA256())
        digest.update(info)
        attributes = [
            sequence(oid(CONTENT_TYPE), der(0x31, oid(TST_INFO))),
            sequence(oid(MESSAGE_DIGEST), der(0x31, der(0x04, digest.finalize()))),
        ]
        signed = der(0x31, *sorted(attributes))
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        sha256 = sequence(oid(SHA256), der(0x05))
        signer = sequence(
            number(1),
            sequence(self.certificate.issuer.public_bytes(), number(self.certificate.serial_number)),
            sha256,
            b"\xa0" + signed[1:],
            sequence(oid(ECDSA_SHA256)),
            der(0x04, signature),
        )
        data = sequence(
            number(3),
            der(0x31, sha256),
            sequence(oid(TST_INFO), der(0xA0, der(0x04, info))),
            der(0xA0, self.certificate.public_bytes(Encoding.DER)),
            der(0x31, signer),
        )
        return sequence(oid(SIGNED_DATA), der(0xA0, data))

    def _certificate(
        self, name: str, issuer: str, key: ec.EllipticCurvePrivateKey, *, is_root: bool
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at - dt.timedelta(days=1))
            .not_valid_after(self.at + dt.timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        )
        if not is_root:
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self.root_key, hashes.SHA256())


@contextmanager
def listening(authority: Authority) -> Iterator[Authority]:
    """Let an authority answer by HTTP on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = authority.answer(body)
            self.send_response(503 if authority.wrong == "status" else 200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    authority.url = f"http://127.0.0.1:{server.server_address[1]}/"
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
