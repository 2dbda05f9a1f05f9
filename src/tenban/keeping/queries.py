"""All SQL of keeping and destroying, over the tables of others too: whoever destroys sees them all here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.access.tables import challenges, invitations, known_browsers, sessions, sign_in_failures
from tenban.base.clock import Instant
from tenban.cases.tables import case_items
from tenban.db import queries as key_queries
from tenban.findings.tables import findings, operator_stills
from tenban.incidents import queries as incident_queries
from tenban.incidents.model import Incident
from tenban.incidents.tables import incident_history, incidents
from tenban.keeping.model import Destroyed, Hold
from tenban.keeping.tables import deletions, holds, picture_ends
from tenban.notify.tables import notices
from tenban.pos.tables import flags, register_commands, sale_events
from tenban.video.footage import key_of_segment
from tenban.video.tables import footage_locks, fragments, runs, segments
from tenban.vision.tables import observations

_MOST_NAMES = 500


@dataclass(frozen=True, slots=True)
class OldSegment:
    """A file of footage whose period is over."""

    id: str
    path: str
    started_at: Instant
    ended_at: Instant
    camera: str = ""
    bytes: int = 0


def add_deletion(connection: Connection, run: str, at: Instant, one: Destroyed, actor: str) -> int:
    """Write down what was destroyed and return the row's number."""
    columns = asdict(one)
    columns["bytes"] = columns.pop("size")
    adding = deletions.insert().values(run=run, at=at, actor=actor, **columns).returning(deletions.c.n)
    return int(connection.execute(adding).scalar_one())


def destroyed(
    connection: Connection, shops: Collection[str] | None, limit: int, before: int | None = None
) -> list[dict[str, Any]]:
    """Return what was destroyed, newest first; of some shops (and of none in particular), or of all."""
    query = sa.select(deletions).order_by(deletions.c.n.desc()).limit(limit)
    if shops is not None:
        query = query.where(deletions.c.shop.in_([*shops, ""]))
    if before is not None:
        query = query.where(deletions.c.n < before)
    return [dict(row) for row in connection.execute(query).mappings()]


def shops_with_incidents(connection: Connection) -> set[str]:
    """Return every shop an incident was ever opened in."""
    return set(connection.execute(sa.select(incidents.c.shop).distinct()).scalars())


def cameras_with_footage(connection: Connection) -> set[str]:
    """Return every camera of which there is footage."""
    return set(connection.execute(sa.select(segments.c.camera).distinct()).scalars())


def registers_with_facts(connection: Connection) -> set[str]:
    """Return every register of which there are sale events, observations, findings or stills."""
    found: set[str] = set()
    for table in (sale_events, observations, findings, operator_stills):
        found |= set(connection.execute(sa.select(table.c.register).distinct()).scalars())
    return found


def old_segments(
    connection: Connection, cameras: Sequence[str], before_at: Instant | None, limit: int
) -> list[OldSegment]:
    """Return files of footage of cameras that are not held, oldest first.

    Args:
        connection: of the transaction.
        cameras: of which.
        before_at: only what ended before; None: all that ended.
        limit: at most so many.
    """
    # A file left by a killed recorder has no end; its last fragment has.
    last = (
        sa.select(sa.func.max(fragments.c.end_at))
        .where(fragments.c.segment == segments.c.id)
        .correlate(segments)
        .scalar_subquery()
    )
    end_at = sa.func.coalesce(segments.c.ended_at, last, segments.c.started_at)
    held = sa.exists().where(
        footage_locks.c.camera == segments.c.camera,
        footage_locks.c.end_at > segments.c.started_at,
        footage_locks.c.start_at < end_at,
    )
    query = (
        sa.select(
            segments.c.id,
            segments.c.path,
            segments.c.started_at,
            end_at.label("ended_at"),
            segments.c.camera,
            sa.func.coalesce(segments.c.bytes, 0),
        )
        .where(segments.c.camera.in_(cameras), ~held)
        .order_by(segments.c.started_at)
        .limit(limit)
    )
    if before_at is None:
        query = query.where(segments.c.ended_at.is_not(None))
    else:
        query = query.where(segments.c.started_at < before_at, end_at < before_at)
    return [OldSegment(*row) for row in connection.execute(query)]


def unweighed_segments(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Return (id, path) of files that ended and whose size is not known."""
    query = sa.select(segments.c.id, segments.c.path).where(
        segments.c.ended_at.is_not(None), segments.c.bytes.is_(None)
    )
    return [(one, path) for one, path in connection.execute(query.limit(limit))]


def weigh_segments(connection: Connection, sizes: Mapping[str, int]) -> None:
    """Write down how many bytes files take."""
    for one, size in sizes.items():
        connection.execute(segments.update().where(segments.c.id == one).values(bytes=size))


def footage_bytes(connection: Connection, cameras: Sequence[str]) -> dict[str, int]:
    """Return how many bytes of ended files there are of these cameras."""
    query = sa.select(segments.c.camera, sa.func.sum(segments.c.bytes))
    query = query.where(segments.c.camera.in_(cameras)).group_by(segments.c.camera)
    return {camera: int(size or 0) for camera, size in connection.execute(query)}


def newest_rates(connection: Connection, cameras: Sequence[str], files: int) -> dict[str, float]:
    """Return bytes a second of each camera's newest files that ended."""
    found = {}
    for camera in cameras:
        newest = (
            sa.select(segments.c.bytes, segments.c.ended_at - segments.c.started_at)
            .where(segments.c.camera == camera, segments.c.bytes.is_not(None))
            .order_by(segments.c.started_at.desc())
            .limit(files)
        )
        rows = [(size, length_us) for size, length_us in connection.execute(newest) if length_us > 0]
        if rows:
            found[camera] = 1e6 * sum(size for size, _ in rows) / sum(length_us for _, length_us in rows)
    return found


def drop_segments(connection: Connection, ids: Sequence[str]) -> None:
    """Take files of footage out of the index, and destroy the keys of those that are sealed."""
    key_queries.drop_keys(connection, [key_of_segment(one) for one in ids])
    of_run = sa.select(segments.c.run).where(segments.c.id.in_(ids)).distinct()
    concerned = list(connection.execute(of_run).scalars())
    connection.execute(fragments.delete().where(fragments.c.segment.in_(ids)))
    connection.execute(segments.delete().where(segments.c.id.in_(ids)))
    left = sa.exists().where(segments.c.camera == runs.c.camera, segments.c.run == runs.c.id)
    connection.execute(runs.delete().where(runs.c.id.in_(concerned), ~left))


def old_sale_stills(
    connection: Connection, register: str, before_at: Instant, limit: int
) -> list[tuple[str, str, Instant]]:
    """Return (sale, blob, time) of stills of sales' beginnings that are over; an incident's blob as empty."""
    refers = sa.exists().where(incidents.c.operator_still == sa.literal("blob:") + operator_stills.c.blob)
    own = sa.exists().where(incidents.c.operator_still == operator_stills.c.blob)
    query = (
        sa.select(operator_stills.c.sale, operator_stills.c.blob, operator_stills.c.captured_at, refers, own)
        .where(operator_stills.c.register == register, operator_stills.c.captured_at < before_at)
        .where(~_in_a_case(operator_stills))
        .order_by(operator_stills.c.captured_at)
        .limit(limit)
    )
    return [
        (sale, "" if shown or also_shown else blob.removeprefix("blob:"), at)
        for sale, blob, at, shown, also_shown in connection.execute(query)
    ]


def drop_sale_stills(connection: Connection, register: str, sales: Sequence[str]) -> None:
    """Forget who stood at a register when these sales began."""
    for first in range(0, len(sales), _MOST_NAMES):
        some = operator_stills.c.sale.in_(sales[first : first + _MOST_NAMES])
        connection.execute(operator_stills.delete().where(operator_stills.c.register == register, some))


def _held() -> sa.ColumnElement[bool]:
    """Whether somebody holds an incident, or a case contains it."""
    by_somebody = sa.exists().where(holds.c.incident == incidents.c.id, holds.c.released_at.is_(None))
    return sa.or_(by_somebody, sa.exists().where(case_items.c.incident == incidents.c.id))


def _in_a_case(table: sa.Table) -> sa.Exists:
    """Whether the sale of a row is in a case; what is of no sale is in none."""
    return sa.exists().where(case_items.c.register == table.c.register, case_items.c.sale == table.c.sale)


def over(
    connection: Connection, shop: str, before_at: Instant, limit: int, *, with_pictures: bool
) -> list[Incident]:
    """Return a shop's incidents opened before an instant that nobody holds, oldest first.

    Args:
        connection: of the transaction.
        shop: of which shop.
        before_at: opened before.
        limit: at most so many.
        with_pictures: only those whose pictures are not destroyed yet.
    """
    query = (
        sa.select(incidents)
        .where(incidents.c.shop == shop, incidents.c.opened_at < before_at, ~_held())
        .order_by(incidents.c.opened_at)
        .limit(limit)
    )
    if with_pictures:
        query = query.where(~sa.exists().where(picture_ends.c.incident == incidents.c.id))
    return incident_queries.from_rows(connection.execute(query).mappings())


def kept_beside(connection: Connection, shop: str, since_at: Instant, until_at: Instant) -> list[Incident]:
    """Return a shop's incidents that stay and may show the same picture: held ones, and the next ones."""
    near = sa.and_(incidents.c.opened_at >= since_at, incidents.c.opened_at < until_at)
    query = sa.select(incidents).where(incidents.c.shop == shop, sa.or_(_held(), near))
    return incident_queries.from_rows(connection.execute(query).mappings())


def mark_pictures_gone(connection: Connection, ids: Collection[str], at: Instant, why: str) -> None:
    """Write down that incidents have no pictures any more."""
    for incident in ids:
        connection.execute(picture_ends.delete().where(picture_ends.c.incident == incident))
        connection.execute(picture_ends.insert().values(incident=incident, at=at, why=why))


def pictures_gone(connection: Connection, incident: str) -> tuple[Instant, str] | None:
    """Return when and why an incident's pictures were destroyed; None while they are kept."""
    query = sa.select(picture_ends.c.at, picture_ends.c.why).where(picture_ends.c.incident == incident)
    row = connection.execute(query).first()
    return None if row is None else (row[0], row[1])


def drop_incidents(connection: Connection, ids: Sequence[str]) -> None:
    """Forget incidents with all that was written of them; holds that were released stay."""
    connection.execute(incident_history.delete().where(incident_history.c.incident.in_(ids)))
    connection.execute(notices.delete().where(notices.c.subject.in_(ids)))
    connection.execute(picture_ends.delete().where(picture_ends.c.incident.in_(ids)))
    connection.execute(incidents.delete().where(incidents.c.id.in_(ids)))


def drop_findings(connection: Connection, register: str, before_at: Instant) -> int:
    """Forget a register's findings from before an instant."""
    gone = findings.delete().where(findings.c.register == register, findings.c.at < before_at)
    return connection.execute(gone).rowcount


def count_facts(connection: Connection, register: str, before_at: Instant) -> tuple[int, Instant]:
    """Return how many sale events and observations of a register are over, and when the oldest happened."""
    total, oldest = 0, before_at
    for table, at in ((sale_events, sale_events.c.occurred_at), (observations, observations.c.at)):
        query = sa.select(sa.func.count(), sa.func.min(at)).where(
            table.c.register == register, at < before_at
        )
        if table is sale_events:
            query = query.where(~_in_a_case(sale_events))
        count, first_at = connection.execute(query).one()
        total, oldest = total + count, min(oldest, first_at if first_at is not None else oldest)
    return total, oldest


def drop_facts(connection: Connection, register: str, before_at: Instant, limit: int) -> int:
    """Forget a register's oldest sale events and observations, at most so many; return how many went.

    What the register was told meanwhile goes along.
    """
    told = register_commands.c.expires_at < before_at
    connection.execute(register_commands.delete().where(register_commands.c.register == register, told))
    gone = 0
    for table, at in ((sale_events, sale_events.c.occurred_at), (observations, observations.c.at)):
        some = sa.select(table.c.n).where(table.c.register == register, at < before_at)
        if table is sale_events:
            some = some.where(~_in_a_case(sale_events))
        some = some.order_by(at).limit(limit - gone)
        gone += connection.execute(table.delete().where(table.c.n.in_(some))).rowcount
    return gone


_ENDED: dict[str, sa.ColumnElement[Any]] = {
    "sessions": sessions.c.expires_at,
    "invitations": sa.func.coalesce(invitations.c.ended_at, invitations.c.expires_at),
    "known_browsers": known_browsers.c.last_at,
    "sign_in_failures": sign_in_failures.c.last_at,
    "challenges": challenges.c.made_at,
}
"""Of each kind of record of signing in: when it was over."""
_OF_SIGNING_IN: dict[str, sa.Table] = {
    one.name: one for one in (sessions, invitations, known_browsers, sign_in_failures, challenges)
}


def count_flags(connection: Connection, shop: str, before_at: Instant) -> tuple[int, Instant]:
    """Return how many flags people set on moments before an instant, and of when the oldest is."""
    query = sa.select(sa.func.count(), sa.func.min(flags.c.at))
    count, first_at = connection.execute(query.where(flags.c.shop == shop, flags.c.at < before_at)).one()
    return count, first_at if first_at is not None else before_at


def drop_flags(connection: Connection, shop: str, before_at: Instant) -> int:
    """Forget the flags that people set on moments of a shop before an instant."""
    return connection.execute(flags.delete().where(flags.c.shop == shop, flags.c.at < before_at)).rowcount


def count_sign_ins(connection: Connection, kind: str, before_at: Instant) -> tuple[int, Instant]:
    """Return how many records of signing in were over before an instant, and when the first of them was."""
    ended = _ENDED[kind]
    query = sa.select(sa.func.count(), sa.func.min(ended)).select_from(_OF_SIGNING_IN[kind])
    count, first_at = connection.execute(query.where(ended < before_at)).one()
    return count, first_at if first_at is not None else before_at


def drop_sign_ins(connection: Connection, kind: str, before_at: Instant) -> int:
    """Forget records of signing in that were over before an instant."""
    return connection.execute(_OF_SIGNING_IN[kind].delete().where(_ENDED[kind] < before_at)).rowcount


def shown_pictures(connection: Connection) -> list[Incident]:
    """Return the incidents whose pictures are kept."""
    gone = sa.exists().where(picture_ends.c.incident == incidents.c.id)
    return incident_queries.from_rows(connection.execute(sa.select(incidents).where(~gone)).mappings())


def add_hold(connection: Connection, hold: Hold) -> None:
    """Insert a hold."""
    connection.execute(holds.insert().values(**asdict(hold)))


def release(connection: Connection, hold_id: str, **columns: Any) -> bool:
    """Release a hold; False where it was released before."""
    changed = connection.execute(
        holds.update().where(holds.c.id == hold_id, holds.c.released_at.is_(None)).values(**columns)
    )
    return changed.rowcount == 1


def hold_by_id(connection: Connection, hold_id: str) -> Hold | None:
    """Return a hold, or None."""
    row = connection.execute(sa.select(holds).where(holds.c.id == hold_id)).mappings().first()
    return None if row is None else Hold(**row)


def holds_of(connection: Connection, incident: str) -> list[Hold]:
    """Return an incident's holds, released ones too, newest first."""
    query = sa.select(holds).where(holds.c.incident == incident).order_by(holds.c.placed_at.desc())
    return [Hold(**row) for row in connection.execute(query).mappings()]


def holds_in_force(connection: Connection, shops: Collection[str] | None) -> list[Hold]:
    """Return what is held now, longest first; of some shops, or of all where None is given."""
    query = sa.select(holds).where(holds.c.released_at.is_(None)).order_by(holds.c.placed_at)
    if shops is not None:
        query = query.where(holds.c.shop.in_(shops))
    return [Hold(**row) for row in connection.execute(query).mappings()]


def lock_footage(
    connection: Connection, held_for: str, cameras: Collection[str], start_at: Instant, end_at: Instant
) -> None:
    """Keep footage of cameras for something."""
    for camera in cameras:
        connection.execute(
            footage_locks.insert().values(camera=camera, start_at=start_at, end_at=end_at, held_for=held_for)
        )


def unlock_footage(connection: Connection, held_for: str) -> None:
    """Let go of what was kept for something."""
    connection.execute(footage_locks.delete().where(footage_locks.c.held_for == held_for))
