"""Are there known vulnerabilities in what the lock file names? Part of ``make check``.

python scripts/audit_dependencies.py [LOCK-FILE …]

A vulnerability fails the check. Where nobody answers (no network, or a mirror without that service) it is
said loudly and the check goes on: a check that needs a network would be switched off where there is none.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements/dev.txt",)
"""It holds all that runs, and what checks it."""
SERVICES = ("pypi", "osv")
PATIENCE_S = 120
ACCEPTED: dict[str, str] = {}
"""Vulnerabilities that cannot reach Tenban: identifier, and why."""


def ask(lock: str, service: str) -> list[dict[str, Any]] | str:
    """Return what a service says of each package, or why it says nothing."""
    command = [sys.executable, "-m", "pip_audit", "-r", str(ROOT / lock), "--disable-pip", "--require-hashes"]
    command += ["-s", service, "-f", "json", "--progress-spinner", "off", "--timeout", "15"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        report: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return f"no answer within {PATIENCE_S} s"
    except ValueError:
        return (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
    return list(report["dependencies"])


def judge(said: list[dict[str, Any]]) -> tuple[list[str], int]:
    """Return the vulnerabilities in words, and of how many packages something is known."""
    found = [
        f"{one['name']} {one['version']}: {known['id']} {' '.join(known.get('aliases', []))}"
        f" (fixed in {', '.join(known['fix_versions']) or 'no version yet'})"
        for one in said
        for known in one.get("vulns", [])
        if known["id"] not in ACCEPTED
    ]
    return found, sum("skip_reason" not in one for one in said)


def audit(lock: str) -> bool:
    """Tell whether nothing is known against a lock file's packages."""
    trouble = []
    for service in SERVICES:
        said = ask(lock, service)
        if isinstance(said, str):
            trouble.append(f"{service}: {said}")
            continue
        found, answered = judge(said)
        if found:
            print(f"{lock}: {len(found)} known vulnerabilities", *found, sep="\n  ")
            return False
        if answered:
            print(f"{lock}: nothing known against {answered} of {len(said)} packages ({service})")
            return True
        trouble.append(f"{service}: knows none of {len(said)} packages")
    print(f"{lock}: VULNERABILITIES NOT CHECKED: nobody answered ({'; '.join(trouble)})")
    return True


if __name__ == "__main__":
    sys.exit(0 if all(audit(lock) for lock in sys.argv[1:] or LOCKS) else 1)
