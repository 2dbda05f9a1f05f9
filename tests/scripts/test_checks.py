"""The checks of ``make check`` that are our own: secrets by their form, known vulnerabilities."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def script(name: str) -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "scripts" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SECRETS = script("find_secrets")
AUDIT = script("audit_dependencies")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-----BEGIN EC " + "PRIVATE KEY-----", "a private key"),
        ("aws = 'AKIA" + "IOSFODNN7EXAMPLE'", "a key of AWS"),
        ("tnb_" + "register_" + "aB3" * 14 + "x", "a token of Tenban"),
        ("whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a webhook's secret"),
        ("password = '" + "x7Kq2Vp9Lm4Rt8Wz'", "a secret under its name"),
    ],
)
def test_a_secret_is_found_by_its_form(text: str, kind: str) -> None:
    """Each is told with its line; a marked line is let through."""
    assert list(SECRETS.secrets_in(["x = 1", text])) == [(2, kind)]
    assert list(SECRETS.secrets_in([text + "  # no " + "secret"])) == []


@pytest.mark.parametrize(
    "text", ["password = 'correct horse battery'", "token = page_token(SECRET)", 'secret="${SECRET_OF_CI}"']
)
def test_words_and_names_are_no_secrets(text: str) -> None:
    """A name, a sentence and a variable are let through."""
    assert list(SECRETS.secrets_in([text])) == []


def test_a_known_vulnerability_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told with what fixes it."""
    bad = {"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"], "aliases": []}]}
    monkeypatch.setattr(AUDIT, "ask", lambda *_: [bad])
    assert AUDIT.audit("lock") is False


@pytest.mark.parametrize("said", ["ConnectionError", [{"name": "x", "skip_reason": "not found"}]])
def test_where_nobody_answers_it_is_said_and_nothing_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: Any
) -> None:
    """No network, or a mirror that knows nothing, is told loudly."""
    monkeypatch.setattr(AUDIT, "ask", lambda *_: said)
    assert AUDIT.audit("lock") is True
    assert "VULNERABILITIES NOT CHECKED" in capsys.readouterr().out


def test_the_table_of_requirements_names_tests_that_exist() -> None:
    """A test that was renamed or removed proves nothing any more."""
    root = Path(__file__).resolve().parents[2]
    text = (root / "design" / "asvs.md").read_text(encoding="utf-8")
    files = set(re.findall(r"`((?:[a-z_]+/)+test_[a-z_0-9]+\.py)", text))
    assert [one for one in files if not (root / "tests" / one).exists()] == []
    code = "".join(path.read_text(encoding="utf-8") for path in (root / "tests").rglob("test_*.py"))
    named = set(re.findall(r"\b(test_[a-z_0-9]+)\b(?!\.py)", text))
    assert len(named) > 5
    assert [one for one in named if f"def {one}(" not in code] == []
