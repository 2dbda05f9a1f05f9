"""Serving by https with certificates of the machine's own, as a tablet meets it."""

from __future__ import annotations

import hashlib
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pages.shop import free_port
from tenban.server.certificates import Certificates, fingerprint

_TOML = '[company]\nname = "Story"\n[[shop]]\nid = "demo"\nname = "Story shop"\n'


@pytest.fixture
def served(tmp_path: Path, migrated_sqlite: Path) -> Iterator[tuple[int, int, Path]]:
    """The web part, its two ports and its data folder."""
    shutil.copy(migrated_sqlite, tmp_path / "tenban.db")
    (tmp_path / "run").mkdir()
    config = tmp_path / "tenban.toml"
    config.write_text(_TOML)
    port, beside = free_port(), free_port()
    command = ["part", "web", "--config", str(config), "--data", str(tmp_path), "--port", str(port)]
    command += ["--tls", "self-signed", "--redirect-port", str(beside)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "tenban", *command], stdout=log, stderr=log)
        try:
            yield port, beside, tmp_path
        finally:
            process.terminate()
            process.wait(20)


def test_a_tablet_takes_the_authority_compares_it_and_reads_the_page_by_https(
    served: tuple[int, int, Path],
) -> None:
    """From http to the explanation, the file and its fingerprint, then https without a warning."""
    port, beside, folder = served
    plain = f"http://127.0.0.1:{beside}"
    with httpx.Client(transport=httpx.HTTPTransport(retries=12), timeout=30) as client:
        assert client.get(plain).headers["location"] == "/trust"
        page = client.get(f"{plain}/trust", headers={"accept-language": "en"})
        file = client.get(f"{plain}/trust/tenban-ca.crt")
        shown = fingerprint(file.content)
        assert shown.replace(":", "").lower() == hashlib.sha256(file.content).hexdigest()
        seen = "".join(re.findall(r"<span>([0-9A-F ]+)</span>", page.text)).replace(" ", "")
        assert seen == shown.replace(":", "")
        assert Certificates(folder / "keys" / "tls").authority_der() == file.content
        led = client.get(f"{plain}/watch?lane=1")
        assert (led.status_code, led.headers["location"]) == (308, f"https://127.0.0.1:{port}/watch?lane=1")
        assert client.post(f"{plain}/login", data={"password": "x"}).status_code == 403
        assert client.get(f"{plain}/api/v1/lanes").status_code == 403
        assert client.get(f"{plain}/x", headers={"host": "evil@elsewhere"}).status_code == 403

    trusting = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(file.content))
    with httpx.Client(verify=trusting, base_url=f"https://localhost:{port}", timeout=60) as tablet:
        answer = tablet.get("/login")
        assert answer.status_code == 200
        assert "max-age=31536000" in answer.headers["strict-transport-security"]
        stream = answer.extensions["network_stream"]
        assert stream.get_extra_info("ssl_object").version() == "TLSv1.3"
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://localhost:{port}/login", timeout=60)
    old = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(file.content))
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("ECDHE+AESGCM")
    assert httpx.get(f"https://localhost:{port}/login", verify=old, timeout=60).status_code == 200
    old.set_ciphers("AES128-SHA256:AES256-SHA")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"https://localhost:{port}/login", verify=old, timeout=60)
