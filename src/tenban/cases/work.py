"""Who makes packages: takes one, holds it, and says what became of it. A lease lets another begin anew."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from tenban.access.audit import AuditEvent, write_down
from tenban.access.model import Actor
from tenban.base.clock import Instant, seconds
from tenban.cases import queries
from tenban.cases.model import Case, Item, Package, PackageState
from tenban.cases.packing import Made

LEASE_S = 60.0
MOST_ATTEMPTS = 3
_CRASHED = {
    "ja": "パッケージの作成が3回中断されました。もう一度お試しください。",
    "en": "Making the package was broken off three times. Please order it again.",
}


def claim(connection: Connection, now_at: Instant) -> tuple[Case, list[Item], Package] | None:
    """Take the package that waits longest, with its case; None where none waits."""
    package = queries.next_package(connection, now_at)
    if package is None:
        return None
    lease_at = now_at + seconds(LEASE_S)
    if package.attempts >= MOST_ATTEMPTS:
        # Whoever made it died three times: something in it kills its maker.
        failed = {"state": PackageState.FAILED.value, "why": _CRASHED, "lease_at": None}
        queries.change_package(connection, package.id, held_at=package.lease_at, **failed)
        return None
    attempts = package.attempts + 1
    held = {"lease_at": lease_at, "attempts": attempts, "progress": 0.0}
    queries.change_package(connection, package.id, held_at=package.lease_at, **held)
    case = queries.case_by_id(connection, package.case_id)
    assert case is not None, "a package belongs to a case"  # noqa: S101
    items = queries.items_of(connection, case.id)
    return case, items, replace(package, lease_at=lease_at, attempts=attempts)


def renew(
    connection: Connection, package: Package, held_at: Instant, now_at: Instant, share: float
) -> Instant | None:
    """Hold a package on, and say how far it is; return the new lease, None where it was taken back."""
    lease_at = now_at + seconds(LEASE_S)
    columns = {"lease_at": lease_at, "progress": round(share, 3)}
    return lease_at if queries.change_package(connection, package.id, held_at=held_at, **columns) else None


def release(connection: Connection, package: Package, held_at: Instant) -> None:
    """Let a package go that could not be finished, for no fault of its own."""
    columns = {"lease_at": None, "attempts": package.attempts - 1}
    queries.change_package(connection, package.id, held_at=held_at, **columns)


def finished(
    connection: Connection,
    actor: Actor,
    at: Instant,
    case: Case,
    package: Package,
    held_at: Instant,
    made: Made,
) -> bool:
    """Say that a package is made, and chain its manifest; False where it was taken back meanwhile."""
    columns = {
        "state": PackageState.READY.value,
        "progress": 1.0,
        "lease_at": None,
        "size": made.size,
        "sha256": made.sha256,
        "manifest_sha256": made.manifest_sha256,
        "files": made.files,
        "made_at": at,
    }
    if not queries.change_package(connection, package.id, held_at=held_at, **columns):
        return False
    told = {"package": package.number, "sha256": made.sha256, "manifest_sha256": made.manifest_sha256}
    named = {"actor": actor.id, "actor_name": actor.name, "what": "package_made"}
    queries.add_history(connection, case_id=case.id, at=at, detail={"package": package.number}, **named)
    write_down(
        connection,
        AuditEvent.CASE_PACKAGE_MADE,
        actor,
        at,
        case.id,
        shop=case.shop,
        reference=case.reference,
        ordered_n=package.ordered_n,
        **told,
    )
    return True


def failed(connection: Connection, package: Package, held_at: Instant, why: dict[str, str]) -> None:
    """Say why a package could not be made."""
    columns = {"state": PackageState.FAILED.value, "lease_at": None, "why": why}
    queries.change_package(connection, package.id, held_at=held_at, **columns)
