"""Time stamps of a third party over the seals of the audit log (RFC 3161): asked for, checked, kept.

A seal says with our own key how far the log reached; whoever has that key could make it anew, with any time.
A time-stamping authority's signature says that this very seal was there by then. Checking needs the
authority's certificate and no network.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from tenban.access.chain import Seal, Stamp
from tenban.base.clock import SECOND
from tenban.base.errors import BadInput, TenbanError
from tenban.sites.model import Stamping

CONTENT_TYPE = "application/timestamp-query"
MOST_BYTES = 64 * 1024
"""An answer with its certificates has some kilobytes."""


class NotStamped(TenbanError):  # noqa: N818  # reads as what happened
    """What came is no time stamp over this seal by an authority that is trusted."""


@dataclass(frozen=True, slots=True)
class StampRequest:
    """What is sent to the authority.

    Attributes:
        seal: over which a stamp is wanted.
        body: the request, DER.
        nonce: 64 random bits the answer has to repeat, so that it is of now.
    """

    seal: Seal
    body: bytes
    nonce: int


def request_for(seal: Seal) -> StampRequest:
    """Return a request for a stamp over a seal: its SHA-512, a nonce, and the wish for the certificate."""
    made = TimestampRequestBuilder().data(seal.stamped_text()).hash_algorithm(HashAlgorithm.SHA512).build()
    assert made.nonce is not None  # noqa: S101  # the builder was not told to leave it out
    return StampRequest(seal, made.as_bytes(), made.nonce)


@dataclass(frozen=True, slots=True)
class Authorities:
    """Whose time stamps are believed.

    Args:
        certificates: of the authorities, or of whoever vouches for them.
    """

    certificates: tuple[Certificate, ...]

    def taken(self, asked: StampRequest, answer: bytes) -> Stamp:
        """Return the stamp that an answer carries.

        Raises:
            NotStamped: it is refused, of another seal, another request, or of nobody who is trusted.
        """
        return self._checked(asked.seal, answer, asked.nonce)

    def fault(self, seal: Seal, stamp: Stamp) -> str | None:
        """Say what is wrong with a stamp that was kept; None where nothing is."""
        try:
            found = self._checked(seal, b64decode(stamp.token, validate=True), None)
        except (NotStamped, NotBase64) as error:
            return str(error)  # Policy: a finding, not an error of this program
        return None if found.at == stamp.at else "the time beside it is not the one the authority signed"

    def _checked(self, seal: Seal, answer: bytes, nonce: int | None) -> Stamp:
        try:
            response = decode_timestamp_response(answer)
            if response.status != 0:
                told = "; ".join(response.status_string) or f"status {response.status}"
                raise NotStamped(f"the authority refused: {told[:200]}")
            builder = VerifierBuilder(roots=list(self.certificates), nonce=nonce)
            builder.build().verify_message(response, seal.stamped_text())
        except (VerificationError, ValueError) as error:
            raise NotStamped(f"expected a time stamp over this seal, got something else: {error}") from error
        # An authority's clock may tell fractions; a stamp holds to the second, as most of them do.
        at = int(response.tst_info.gen_time.timestamp()) * SECOND
        return Stamp(seal.upto_n, at, b64encode(answer).decode())


def authorities_of(stamping: Stamping, folder: Path) -> Authorities:
    """Return who is trusted by the configuration, whose folder its files are looked for in.

    Raises:
        BadInput: there is no such file, or no certificate in it.
    """
    return authorities([folder / one for one in stamping.certificates])


def authorities(files: Sequence[Path]) -> Authorities:
    """Return who is trusted, by files with certificates in PEM.

    Raises:
        BadInput: there is no such file, or no certificate in it.
    """
    found: list[Certificate] = []
    for path in files:
        try:
            found += load_pem_x509_certificates(path.read_bytes())
        except OSError as error:
            raise BadInput(
                str(path), expected="a file with a time-stamping authority's certificate", came=error.strerror
            ) from error
        except ValueError as error:
            raise BadInput(str(path), expected="a certificate in PEM", came=str(error)) from error
    return Authorities(tuple(found))
