"""``tenban token`` from making to revoking, and ``tenban tls``."""

from __future__ import annotations

import json
from pathlib import Path

from cli.conftest import Command
from tenban.base.clock import SystemClock
from tenban.server.certificates import Certificates, fingerprint


def test_a_token_is_made_renewed_with_overlap_listed_and_revoked(shop: Path, tenban: Command) -> None:
    """Of a service it says what it may and when it ends; a renewed one stands beside the old one."""
    made = tenban(
        "token", "new", "bi", "--kind", "service", "--function", "incidents:read", "--expires", "90d"
    )
    assert made.stdout.startswith("tnb_service_"), made.stderr
    [known] = json.loads(tenban("token", "list", "--json").stdout)
    assert (known["kind"], known["functions"], known["shop"]) == ("service", ["incidents:read"], "demo")
    renewed = tenban("token", "rotate", known["id"], "--overlap", "24h")
    assert renewed.stdout.startswith("tnb_service_")
    both = json.loads(tenban("token", "list", "--json").stdout)
    assert [one["follows"] for one in both] == [known["id"], None]
    assert "service bi has ended" in tenban("token", "revoke", known["id"]).stdout
    assert len(tenban("token", "list").stdout.strip().splitlines()) == 1
    for words, said in (
        (("revoke", known["id"]), "there is no token"),
        (("rotate", both[0]["id"], "--overlap", "soon"), "a length such as 30m, 24h or 90d"),
        (("new", "bi", "--kind", "service"), "functions: expected some of"),
    ):
        assert said in tenban("token", *words).stderr


def test_the_fingerprint_is_there_to_compare(shop: Path, tenban: Command) -> None:
    """Before there is an authority it says how one is made."""
    assert "tenban serve --tls self-signed" in tenban("tls").stderr
    own = Certificates(shop / "data" / "keys" / "tls")
    own.renew(["localhost"], SystemClock().now())
    assert json.loads(tenban("tls", "--json").stdout)["sha256"] == fingerprint(own.authority_der())
