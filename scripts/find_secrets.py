"""Is there a secret in what is kept here? Part of ``make check``.

python scripts/find_secrets.py [FILE …]

Looks through the files that git knows (all under the root where there is no git) for keys and tokens by their
form. A line that only looks like one says so with the words "no secret".
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 2_000_000
LEFT_OUT = ("requirements/", ".git/", ".venv/")  # hashes of packages; what others wrote
MARK = "no secret"
FORMS = {
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"),
    "a key of AWS": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a token of GitHub": re.compile(r"\b(?:gh[opsur]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})"),
    "a token of GitLab": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "a token of Slack": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "a key of Google": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "a key of Stripe": re.compile(r"\b[rs]k_live_[0-9A-Za-z]{20,}"),
    "a token of PyPI": re.compile(r"\bpypi-[A-Za-z0-9_-]{50,}"),
    "a signed token": re.compile(r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
    "a token of Tenban": re.compile(r"\btnb_[a-z]+_[A-Za-z0-9_-]{43}\b"),
    "a webhook's secret": re.compile(r"\bwhsec_[A-Za-z0-9+/]{32,}={0,2}"),
}
NAMED = re.compile(
    r"(?i)(?:pass(?:word|wd)?|secret|token|api_?key|private_?key)\w*[\"']?\s*[:=]\s*[\"']([^\"'\s]{16,})[\"']"
)
LEAST_BITS = 3.5
"""A sign of a random text holds about so many bits; words hold fewer."""


def secrets_in(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the number of each line that looks like a secret, and what it looks like."""
    for number, line in enumerate(lines, start=1):
        if MARK in line:
            continue
        kind = next((kind for kind, form in FORMS.items() if form.search(line)), None)
        named = NAMED.search(line)
        if kind is None and named is not None and _is_random(named[1]):
            kind = "a secret under its name"
        if kind is not None:
            yield number, kind


def _is_random(text: str) -> bool:
    bits = -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
    mixed = any(sign.isdigit() for sign in text) and any(sign.isalpha() for sign in text)
    return mixed and bits >= LEAST_BITS and not any(sign in text for sign in "{}()<>/.$ ")


def _files() -> list[Path]:
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607  # git is on the path
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode == 0:
        return [ROOT / name for name in done.stdout.decode().split("\0") if name]
    return [path for path in ROOT.rglob("*") if path.is_file()]


def main(wanted: list[Path]) -> int:
    """Print what was found; return how many."""
    found = 0
    for path in wanted:
        name = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
        if name.startswith(LEFT_OUT) or not path.is_file() or path.stat().st_size > LONGEST:
            continue
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue  # pictures and the like
        for number, kind in secrets_in(lines):
            found += 1
            print(f"{name}:{number}: looks like {kind}; take it out, or mark the line: {MARK}")
    return found


if __name__ == "__main__":
    given = [Path(one).resolve() for one in sys.argv[1:]]
    sys.exit(1 if main(given or _files()) else 0)
