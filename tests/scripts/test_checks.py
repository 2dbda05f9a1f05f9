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


ASVS = Path(__file__).resolve().parents[2] / "design" / "asvs.md"
LEVEL_2 = """1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2 2.1.1-3 2.2.1-3 2.3.1-4 2.4.1 3.2.1-2 3.3.1-4 3.4.1-6
3.5.1-5 3.7.1-2 4.1.1-3 4.2.1 4.3.1-2 4.4.1-4 5.1.1 5.2.1-3 5.3.1-2 5.4.1-3 6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4
6.5.1-5 6.6.1-3 6.8.1-4 7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2 8.1.1-2 8.2.1-3 8.3.1 8.4.1 9.1.1-3
9.2.1-4 10.1.1-2 10.2.1-2 10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3 11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4
11.5.1 11.6.1 12.1.1-3 12.2.1-2 12.3.1-4 13.1.1 13.2.1-5 13.3.1-2 13.4.1-5 14.1.1-2 14.2.1-4 14.3.1-3 15.1.1-3
15.2.1-3 15.3.1-7 16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3 17.1.1 17.2.1-4 17.3.1-2"""
"""Every requirement of levels 1 and 2 of ASVS 5.0.0, by number; ``-`` leads to the last of a section."""
HOLDS = re.compile(
    r"::test_|\b[MGF]\b|not applicable|not yet|not as asked|by reading|`(?:design|access|scripts)/"
)


def every(text: str) -> set[str]:
    """The numbers that a text names, ranges written out."""
    found: set[str] = set()
    for chapter, section, first, last in re.findall(
        r"(\d+)\.(\d+)\.(\d+)(?:[-–](?:\d+\.\d+\.)?(\d+))?", text
    ):
        found |= {f"{chapter}.{section}.{n}" for n in range(int(first), int(last or first) + 1)}
    return found


def rows() -> list[tuple[str, str]]:
    """The table's rows: which requirements, and what holds them."""
    found = [line.split(" | ") for line in ASVS.read_text(encoding="utf-8").splitlines() if line[:3] > "| 0"]
    return [(cells[0], cells[-1]) for cells in found if re.match(r"\| \d", cells[0])]


def test_the_table_of_requirements_names_tests_that_exist() -> None:
    """A test that was renamed or removed proves nothing any more, nor does a file without the test's name."""
    root, text = ASVS.parents[1], ASVS.read_text(encoding="utf-8")
    named = re.findall(r"`((?:[a-z_]+/)+test_[a-z_0-9]+\.py)::(test_[a-z_0-9]+)`", text)
    assert len(named) > 100
    code = {file: (root / "tests" / file).read_text(encoding="utf-8") for file, _ in named}
    assert [one for one in named if f"def {one[1]}(" not in code[one[0]]] == []
    bare = set(re.findall(r"\b(test_[a-z_0-9]+)\b(?!\.py)", text))
    all_code = "".join(path.read_text(encoding="utf-8") for path in (root / "tests").rglob("test_*.py"))
    assert [one for one in bare if f"def {one}(" not in all_code] == []
    assert [where for where, by in rows() if re.search(r"test_[a-z_0-9]+\.py`", by)] == []


def test_every_requirement_of_level_two_is_in_the_table() -> None:
    """By its number, with what holds it or an honest word."""
    listed = every(" ".join(where for where, _ in rows()))
    assert sorted(every(LEVEL_2) - listed) == []
    assert [(where, by) for where, by in rows() if not HOLDS.search(by)] == []
