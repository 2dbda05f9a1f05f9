"""A certificate authority of this machine's own, and the server's certificate made and renewed by it.

ECDSA P-256 (FIPS 186-5), X.509 (RFC 5280). The authority is bound to the machine's own names and to private
networks (name constraints), so whoever stole its key could not pose as anybody else's site.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tenban.base.clock import Instant, to_datetime
from tenban.base.errors import BadInput
from tenban.base.log import get_log

log = get_log(__name__)

CA_DAYS = 3650
LEAF_DAYS = 90
RENEW_DAYS = 30
"""A certificate with less than this left is made anew."""
_OVERLAP = timedelta(hours=1)
"""A tablet's clock may be behind."""
_PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10", "127.0.0.0/8",
    "fc00::/7", "fe80::/10", "::1/128",
)  # fmt: skip
_PRIVATE_NAMES = ("local", "localhost", "lan", "internal", "home.arpa")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where the files are.

    Attributes:
        folder: readable by the server alone.
    """

    folder: Path

    @property
    def authority(self) -> Path:
        """The authority's certificate, which tablets are told to trust."""
        return self.folder / "ca.pem"

    @property
    def chain(self) -> Path:
        """The server's certificate, followed by the authority's."""
        return self.folder / "server.pem"

    @property
    def key(self) -> Path:
        """The server's private key."""
        return self.folder / "server.key"

    def authority_der(self) -> bytes:
        """Return the authority's certificate as devices take it; its SHA-256 is the fingerprint."""
        return _read(self.authority).public_bytes(serialization.Encoding.DER)

    def renew(self, names: Sequence[str], now_at: Instant) -> bool:
        """Make what is missing, ends soon or lacks a name; tell whether the server's certificate is new.

        Raises:
            BadInput: a file holds something else, or a name is none this authority may vouch for.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.authority.exists():
            self._make_authority(names, now_at)
        authority = _read(self.authority)
        wanted = [name for name in _general(names) if _within(name, authority)]
        left_out = sorted(str(name.value) for name in _general(names) if name not in wanted)
        if left_out:
            log.warning("the authority does not vouch for these names", names=left_out)
        if self._is_good(authority, wanted, now_at):
            return False
        self._make_leaf(authority, wanted, now_at)
        return True

    def _is_good(self, authority: x509.Certificate, wanted: list[x509.GeneralName], now_at: Instant) -> bool:
        if not (self.chain.exists() and self.key.exists()):
            return False
        known = _read(self.chain)
        named = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        until = known.not_valid_after_utc - timedelta(days=RENEW_DAYS)
        return known.issuer == authority.subject and set(wanted) <= set(named) and to_datetime(now_at) < until

    def _make_authority(self, names: Sequence[str], now_at: Instant) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        whole = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tenban"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Tenban {socket.gethostname()[:40]}"),
            ]
        )
        permitted: list[x509.GeneralName] = [x509.DNSName(one) for one in _PRIVATE_NAMES]
        permitted += [x509.IPAddress(ipaddress.ip_network(one)) for one in _PRIVATE]
        for name in _general(names):
            if isinstance(name, x509.IPAddress):
                permitted.append(x509.IPAddress(ipaddress.ip_network(name.value)))
            else:
                permitted.append(name)
        public = key.public_key()
        made = (
            _bare(whole, whole, public, now_at, CA_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.NameConstraints(permitted, None), critical=True)
            .sign(key, hashes.SHA256())
        )
        _write(self.folder / "ca.key", _pem(key))
        _write(self.authority, made.public_bytes(serialization.Encoding.PEM), 0o644)

    def _make_leaf(
        self, authority: x509.Certificate, wanted: list[x509.GeneralName], now_at: Instant
    ) -> None:
        signer = _private(self.folder / "ca.key")
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(wanted[0].value)[:64])])
        public = key.public_key()
        made = (
            _bare(subject, authority.subject, public, now_at, LEAF_DAYS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(wanted), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
            .sign(signer, hashes.SHA256())
        )
        pem = serialization.Encoding.PEM
        _write(self.key, _pem(key))
        _write(self.chain, made.public_bytes(pem) + authority.public_bytes(pem), 0o644)


def fingerprint(der: bytes) -> str:
    """Return a certificate's SHA-256 as devices show it: pairs of digits with colons."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return digest.finalize().hex(":").upper()


def names_of_machine(host: str, more: Iterable[str] = ()) -> list[str]:
    """Return the names and addresses by which tablets reach this machine.

    Args:
        host: what the server listens on.
        more: names given besides.
    """
    name = socket.gethostname()
    found = [*more, name, f"{name.partition('.')[0]}.local", "localhost", "127.0.0.1", "::1"]
    with contextlib.suppress(OSError):  # Policy: a machine without a resolvable name has addresses still.
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(name, None)]
    for family, somewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        # Connecting a datagram socket sends nothing; it only tells which address would be ours.
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((somewhere, 9))
            found.append(str(probe.getsockname()[0]))
    unspecified = {"", str(ipaddress.IPv4Address(0)), str(ipaddress.IPv6Address(0))}
    return list(
        dict.fromkeys(one.partition("%")[0].lower() for one in [host, *found] if one not in unspecified)
    )


def _general(names: Sequence[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            try:
                found.append(x509.DNSName(name))
            except ValueError as error:
                raise BadInput("--tls-name", expected="a host name or an address", came=name) from error
    return found


def _within(name: x509.GeneralName, authority: x509.Certificate) -> bool:
    bounds = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    if isinstance(name, x509.IPAddress):
        nets = [one.value for one in bounds if isinstance(one, x509.IPAddress)]
        return any(name.value in net for net in nets if net.version == name.value.version)  # type: ignore[operator]
    text = str(name.value)
    return any(
        text == one.value or text.endswith(f".{one.value}") for one in bounds if isinstance(one, x509.DNSName)
    )


def _bare(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now_at: Instant, days: int
) -> x509.CertificateBuilder:
    now = to_datetime(now_at)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _OVERLAP)
        .not_valid_after(now + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except ValueError as error:
        raise BadInput(str(path), expected="a certificate in PEM", came=str(error)) from error


def _private(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise BadInput(
            str(path), expected="the private key of ca.pem (remove both to begin anew)", came=str(error)
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise BadInput(str(path), expected="an ECDSA private key", came=type(key).__name__)
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file whole and with its permissions before it has its name."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
