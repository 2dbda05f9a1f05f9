"""This machine's own authority: what it vouches for, how long, and that it is renewed in time."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ExtendedKeyUsage, NameConstraints, SubjectAlternativeName

from tenban.base.clock import to_datetime
from tenban.base.errors import BadInput
from tenban.base.fakes import FakeClock
from tenban.server.certificates import Certificates, fingerprint, names_of_machine
from tenban.server.settings import ServeSettings
from tenban.server.tls import Tls

NAMES = ["shop-server", "192.168.1.5", "localhost"]
DAY_MIN = 24 * 60


@pytest.fixture
def own(tmp_path: Path, clock: FakeClock) -> Certificates:
    own = Certificates(tmp_path / "tls")
    assert own.renew(NAMES, clock.now())
    return own


def read(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_the_authority_vouches_for_this_machine_and_private_networks_alone(
    own: Certificates, clock: FakeClock
) -> None:
    """Ten years, bound by name, one step deep, its key readable by the server alone."""
    authority, leaf = read(own.authority), read(own.chain)
    leaf.verify_directly_issued_by(authority)
    bounds = authority.extensions.get_extension_for_class(NameConstraints)
    assert bounds.critical
    assert x509.DNSName("shop-server") in bounds.value.permitted_subtrees
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    assert authority.not_valid_after_utc - to_datetime(clock.now()) == timedelta(days=3650)
    for name in ("ca.key", "server.key"):
        assert (own.folder / name).stat().st_mode & 0o777 == 0o600
    assert own.folder.stat().st_mode & 0o777 == 0o700


def test_the_servers_certificate_names_the_machine_and_holds_ninety_days(
    own: Certificates, clock: FakeClock
) -> None:
    """By name and by number, for TLS servers only."""
    leaf = read(own.chain)
    named = leaf.extensions.get_extension_for_class(SubjectAlternativeName).value
    assert named.get_values_for_type(x509.DNSName) == ["shop-server", "localhost"]
    assert named.get_values_for_type(x509.IPAddress) == [ip_address("192.168.1.5")]
    usage = leaf.extensions.get_extension_for_class(ExtendedKeyUsage).value
    assert [one._name for one in usage] == ["serverAuth"]
    assert leaf.not_valid_after_utc - to_datetime(clock.now()) == timedelta(days=90)


def test_it_is_renewed_before_it_ends_and_when_a_name_is_new(own: Certificates, clock: FakeClock) -> None:
    """Not while all is well; with thirty days left, or a new address, under the same authority."""
    known = fingerprint(own.authority_der())
    assert not own.renew(NAMES, clock.now())
    clock.fast_forward(minutes=59 * DAY_MIN)
    assert not own.renew(NAMES, clock.now())
    clock.fast_forward(minutes=2 * DAY_MIN)
    assert own.renew(NAMES, clock.now())
    assert own.renew([*NAMES, "192.168.1.9"], clock.now())
    assert not own.renew([*NAMES, "192.168.1.9"], clock.now())
    assert fingerprint(own.authority_der()) == known


def test_it_vouches_for_no_name_it_was_not_made_for(own: Certificates, clock: FakeClock) -> None:
    """A public name that comes later is left out, as browsers would refuse it."""
    assert not own.renew([*NAMES, "bank.example", "203.0.113.5"], clock.now())
    named = read(own.chain).extensions.get_extension_for_class(SubjectAlternativeName).value
    assert "bank.example" not in named.get_values_for_type(x509.DNSName)


def test_what_is_no_certificate_is_told(own: Certificates, clock: FakeClock, tmp_path: Path) -> None:
    """A spoilt file, a missing key, and given files that do not fit stop the start with a sentence."""
    own.chain.write_text("nonsense")
    with pytest.raises(BadInput, match="expected a certificate in PEM"):
        own.renew(NAMES, clock.now())
    own.chain.unlink()
    (own.folder / "ca.key").unlink()
    with pytest.raises(BadInput, match="remove both to begin anew"):
        own.renew(NAMES, clock.now())
    other = Certificates(tmp_path / "other")
    other.renew(NAMES, clock.now())
    given = ServeSettings(tmp_path, tmp_path, tls_cert=other.chain, tls_key=own.key)
    with pytest.raises(BadInput, match="expected a certificate and its key"):
        Tls.of(given, clock)
    with pytest.raises(BadInput, match="both or none"):
        ServeSettings(tmp_path, tmp_path, tls_cert=own.chain)


def test_given_files_that_are_replaced_are_noticed(own: Certificates, clock: FakeClock) -> None:
    """Whoever renews them by other means need not restart the server."""
    tls = Tls.of(ServeSettings(own.folder, own.folder, tls_cert=own.chain, tls_key=own.key), clock)
    assert tls is not None
    assert not tls.renewed()
    own.renew([*NAMES, "192.168.1.9"], clock.now())
    assert tls.renewed()


def test_the_machine_is_known_by_name_and_number() -> None:
    """What the server listens on comes first; everywhere is no name."""
    assert names_of_machine("192.168.7.7")[0] == "192.168.7.7"
    found = names_of_machine("0.0.0.0", ["till.example"])  # noqa: S104  # nothing listens there
    assert found[0] == "till.example"
    assert {"localhost", "127.0.0.1"} <= set(found)
    assert not any("0.0.0.0" in one for one in found)  # noqa: S104
