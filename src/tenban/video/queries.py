"""All SQL about footage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from tenban.base.clock import MILLISECOND, SECOND, Instant
from tenban.base.errors import Unavailable
from tenban.base.span import Span
from tenban.db import queries as key_queries
from tenban.db.database import Database
from tenban.video.camera_state import CameraState, CameraStatus
from tenban.video.model import FragmentRow, IndexBatch, Run, Segment
from tenban.video.packets import SoundCoding, StreamInfo
from tenban.video.tables import camera_states, footage_locks, fragments, runs, segments

REORDER_SLACK_US = 500 * MILLISECOND
"""How much earlier than a fragment's first picture one of its pictures may be shown."""
LONGEST_FILE_US = 600 * SECOND
"""No file of footage is longer, whatever the settings and the camera's keyframes."""

_OVERLAP_US = 200 * MILLISECOND
"""Runs that meet by less than this follow each other; more is a clock that was set back."""

_KEYFRAME = fragments.alias("keyframe")
_WANTED = [column for column in fragments.c if column.name != "n"]
_FRAGMENT_COLUMNS = len(_WANTED)
# Built once: a clip's first byte waits for this query, and building it takes longer than running it.
_NOT_READ = {"ended_at", "monotonic_us", "bytes"}
_BEFORE = (
    sa.select(*_WANTED, *(column for column in segments.c if column.name not in _NOT_READ), fragments.c.n)
    .join(segments, segments.c.id == fragments.c.segment)
    .where(fragments.c.camera == sa.bindparam("camera"))
    .where(fragments.c.start_at < sa.bindparam("before_at"))
    .order_by(fragments.c.start_at, fragments.c.n)
)
_FOR_SPAN = _BEFORE.where(
    fragments.c.start_at
    >= sa.func.coalesce(
        sa.select(_KEYFRAME.c.start_at)
        .where(_KEYFRAME.c.camera == sa.bindparam("camera"))
        .where(_KEYFRAME.c.start_at <= sa.bindparam("start_at"))
        .where(_KEYFRAME.c.is_keyframe)
        .order_by(_KEYFRAME.c.start_at.desc())
        .limit(1)
        .scalar_subquery(),
        sa.bindparam("start_at"),
    )
)
_FOR_SPAN_FROM = _BEFORE.where(fragments.c.start_at >= sa.bindparam("from_at"))
_FURTHER_BACK_US = 10_000 * MILLISECOND


_FILMED = (
    sa.select(segments.c.id)
    .where(segments.c.camera == sa.bindparam("camera"))
    .where(segments.c.started_at >= sa.bindparam("from_at"))
    .where(segments.c.started_at < sa.bindparam("end_at"))
    .where(sa.func.coalesce(segments.c.ended_at, segments.c.started_at + 1) > sa.bindparam("start_at"))
    .limit(1)
)


_LAST_RUN = (
    sa.select(runs.c.id, runs.c.began_at)
    .where(runs.c.camera == sa.bindparam("camera"))
    .order_by(runs.c.n.desc())
    .limit(1)
)
# Without the lower bound a run that has no file yet would be looked for in all of the camera's files.
_LAST_FILE_OF_RUN = (
    sa.select(segments.c.id)
    .where(segments.c.camera == sa.bindparam("camera"), segments.c.run == sa.bindparam("run"))
    .where(segments.c.started_at >= sa.bindparam("from_at"))
    .order_by(segments.c.started_at.desc())
    .limit(1)
)
_UNTIL_OF_RUN = sa.select(sa.func.max(fragments.c.end_at)).where(
    fragments.c.segment == _LAST_FILE_OF_RUN.scalar_subquery()
)
_UNTIL = (
    sa.select(fragments.c.end_at)
    .where(fragments.c.camera == sa.bindparam("camera"))
    .order_by(fragments.c.start_at.desc())
    .limit(1)
)


class FootageIndex:
    """Reads and writes the index of footage.

    Args:
        database: the process's database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, batch: IndexBatch) -> None:
        """Write a recorder's facts in one transaction; returns once they are durable.

        Keys of sealed files no longer lie beside them then.

        Raises:
            Unavailable: the database could not commit now; trying again later may help.
        """
        try:
            self._database.write_now(lambda connection: _add(connection, batch))
        except sa.exc.OperationalError as error:
            raise Unavailable(f"expected the footage index to be written, got: {error.orig}") from error
        for key in batch.keys:
            key.kept()

    def for_span(self, camera: str, span: Span) -> list[tuple[FragmentRow, Segment]]:
        """Return the fragments needed to show a span, in the order of their start.

        They begin with the last one at or before the span's start that begins with a keyframe, and go
        on a little beyond its end, because pictures may be decoded after one that is shown later. Where our
        clock was set back, two runs claim the same time: the one that was recorded later is returned.
        """
        asked = {"camera": camera, "start_at": span.start_at, "before_at": span.end_at + REORDER_SLACK_US}
        found, _ = self._span_rows(_FOR_SPAN, asked)
        if len({segment.info.run for _, segment in found}) > 1:
            # The keyframe before the span may be of a run whose time came again: look a little further back.
            asked["from_at"] = span.start_at - _FURTHER_BACK_US
            return _without_repeated(*self._span_rows(_FOR_SPAN_FROM, asked))
        return found

    def _span_rows(
        self, query: sa.Select[Any], asked: dict[str, Any]
    ) -> tuple[list[tuple[FragmentRow, Segment]], list[int]]:
        rows: Sequence[Any] = self._database.read_now(
            lambda connection: connection.execute(query, asked).all()
        )
        files: dict[str, Segment] = {}
        found = []
        for row in rows:
            segment = files.get(row[1])
            if segment is None:
                segment = files[row[1]] = _segment_of_span(row)
            found.append((FragmentRow(*row[:_FRAGMENT_COLUMNS]), segment))
        return found, [row[-1] for row in rows]

    def recorded_until(self, camera: str) -> Instant | None:
        """Return the end of the footage that was recorded last, or None where there is none.

        Where our clock was set back that is not the one with the latest time.
        """

        def read(connection: Connection) -> Instant | None:
            run = connection.execute(_LAST_RUN, {"camera": camera}).first()
            until_at: Instant | None = None
            if run is not None:
                from_at = run.began_at - LONGEST_FILE_US
                until_at = connection.scalar(
                    _UNTIL_OF_RUN, {"camera": camera, "run": run.id, "from_at": from_at}
                )
            return connection.scalar(_UNTIL, {"camera": camera}) if until_at is None else until_at

        return self._database.read_now(read)

    def runs(self, camera: str, span: Span) -> list[Run]:
        """Return the runs that began within a span, in the order they were recorded."""
        query = (
            sa.select(*(column for column in runs.c if column.name != "n"))
            .where(runs.c.camera == camera)
            .where(runs.c.began_at >= span.start_at, runs.c.began_at < span.end_at)
            .order_by(runs.c.n)
        )
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return [Run(*row) for row in rows]

    def states(self) -> dict[str, CameraState]:
        """Return the latest state of every camera that ever had one."""
        return self._database.read_now(latest_states)

    def states_of(self, camera: str, span: Span) -> list[CameraState]:
        """Return what a camera did during a span: the state it was in at its start, then each change."""

        def read(connection: Connection) -> list[CameraState]:
            of_camera = sa.select(*camera_states.c).where(camera_states.c.camera == camera)
            before = connection.execute(
                of_camera.where(camera_states.c.since_at <= span.start_at)
                .order_by(camera_states.c.n.desc())
                .limit(1)
            ).all()
            during = connection.execute(
                of_camera.where(camera_states.c.since_at > span.start_at)
                .where(camera_states.c.since_at < span.end_at)
                .order_by(camera_states.c.n)
            ).all()
            return [_state(row) for row in [*before, *during]]

        return self._database.read_now(read)

    def filmed(self, camera: str, span: Span) -> list[Span]:
        """Return what the camera's files of a span hold, in the order of their start.

        A file that is being written, or was when a process was killed, ends with its newest fragment.
        """
        newest = sa.select(sa.func.max(fragments.c.end_at)).where(fragments.c.segment == segments.c.id)
        end_at = sa.func.coalesce(segments.c.ended_at, newest.scalar_subquery())
        query = (
            sa.select(segments.c.started_at, end_at)
            .where(segments.c.camera == camera)
            .where(segments.c.started_at >= span.start_at - LONGEST_FILE_US)
            .where(segments.c.started_at < span.end_at)
            .order_by(segments.c.started_at)
        )
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return [
            Span(start, max(start, end)) for start, end in rows if end is not None and end > span.start_at
        ]

    def filmed_in(self, camera: str, spans: Sequence[Span]) -> list[bool]:
        """Tell for each of some spans, such as days, whether there is footage of it."""

        def look(connection: Connection) -> list[bool]:
            # One short look into the index per span: building one statement of thirty takes longer.
            return [
                connection.scalar(
                    _FILMED,
                    {
                        "camera": camera,
                        "from_at": span.start_at - LONGEST_FILE_US,
                        "start_at": span.start_at,
                        "end_at": span.end_at,
                    },
                )
                is not None
                for span in spans
            ]

        return self._database.read_now(look)

    def recorded_from(self, camera: str) -> Instant | None:
        """Return the start of the camera's oldest footage that is kept, or None where there is none."""
        oldest = sa.select(sa.func.min(segments.c.started_at)).where(segments.c.camera == camera)
        found: Instant | None = self._database.read_now(lambda connection: connection.scalar(oldest))
        return found

    def keyframe_at(self, camera: str, at: Instant) -> Instant | None:
        """Return when the last fragment up to an instant begins that begins with a keyframe, or None."""
        last = (
            sa.select(fragments.c.start_at)
            .where(fragments.c.camera == camera, fragments.c.start_at <= at, fragments.c.is_keyframe)
            .order_by(fragments.c.start_at.desc())
            .limit(1)
        )
        return self._database.read_now(lambda connection: connection.scalar(last))

    def lock(self, camera: str, span: Span, held_for: str) -> None:
        """Keep a camera's footage of a span until it is unlocked; locking again replaces the span."""

        def write(connection: Connection) -> None:
            _unlock(connection, held_for, camera)
            connection.execute(
                footage_locks.insert().values(
                    camera=camera, start_at=span.start_at, end_at=span.end_at, held_for=held_for
                )
            )

        self._database.write_now(write)

    def unlock(self, held_for: str) -> None:
        """Let go of all footage that was kept for something."""
        self._database.write_now(lambda connection: _unlock(connection, held_for))

    def locks(self, camera: str, span: Span) -> list[tuple[Span, str]]:
        """Return the locked spans that meet a span, and what each is held for."""
        query = (
            sa.select(footage_locks.c.start_at, footage_locks.c.end_at, footage_locks.c.held_for)
            .where(footage_locks.c.camera == camera)
            .where(footage_locks.c.end_at > span.start_at, footage_locks.c.start_at < span.end_at)
            .order_by(footage_locks.c.start_at)
        )
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return [(Span(row.start_at, row.end_at), row.held_for) for row in rows]

    def is_all_held(self) -> bool:
        """Tell whether there is footage, and none of it may be destroyed: every file meets a locked span."""
        held = sa.exists().where(
            footage_locks.c.camera == segments.c.camera,
            footage_locks.c.end_at > segments.c.started_at,
            footage_locks.c.start_at < segments.c.ended_at,
        )
        ended = sa.select(segments.c.id).where(segments.c.ended_at.is_not(None))

        def read(connection: Connection) -> bool:
            is_some = connection.scalar(ended.limit(1)) is not None
            return is_some and connection.scalar(ended.where(~held).limit(1)) is None

        return self._database.read_now(read)

    def unended_segments(self, camera: str) -> list[Segment]:
        """Return the files that are being written, or were when a process was killed."""
        query = (
            sa.select(*segments.c)
            .where(segments.c.camera == camera, segments.c.ended_at.is_(None))
            .order_by(segments.c.started_at)
        )
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return [_segment(row) for row in rows]

    def cameras(self) -> list[str]:
        """Return every camera of which there are files."""
        query = sa.select(segments.c.camera).distinct().order_by(segments.c.camera)
        return self._database.read_now(lambda connection: list(connection.scalars(query)))

    def count_files(self) -> int:
        """Return how many files of footage are indexed."""
        query = sa.select(sa.func.count()).select_from(segments)
        return self._database.read_now(lambda connection: connection.scalar(query)) or 0

    def files_of(self, camera: str) -> list[tuple[Segment, Instant | None]]:
        """Return a camera's files in the order they were begun, and when each ended; None: it has not."""
        query = sa.select(*segments.c).where(segments.c.camera == camera).order_by(segments.c.started_at)
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return [(_segment(row), row.ended_at) for row in rows]

    def forget_file(self, segment: str) -> None:
        """Remove a file that is gone, with its fragments; a key to it is kept, should it be found again."""

        def write(connection: Connection) -> None:
            connection.execute(sa.delete(fragments).where(fragments.c.segment == segment))
            connection.execute(sa.delete(segments).where(segments.c.id == segment))

        self._database.write_now(write)

    def newest_segment(self, camera: str) -> Segment | None:
        """Return the file that was begun last."""
        query = (
            sa.select(*segments.c)
            .where(segments.c.camera == camera)
            .order_by(segments.c.started_at.desc())
            .limit(1)
        )
        row = self._database.read_now(lambda connection: connection.execute(query).first())
        return None if row is None else _segment(row)

    def has_segment(self, path: str) -> bool:
        """Tell whether a file of this path (below the footage folder) is indexed."""
        query = sa.select(segments.c.id).where(segments.c.path == path)
        return self._database.read_now(lambda connection: connection.scalar(query)) is not None

    def fragments_of(self, segment: str) -> list[FragmentRow]:
        """Return the indexed fragments of one file, in the order of their bytes."""
        query = sa.select(*fragments.c).where(fragments.c.segment == segment).order_by(fragments.c.offset)
        rows = self._database.read_now(lambda connection: connection.execute(query).all())
        return [_fragment(row) for row in rows]

    def forget_beyond(self, segment: str, length: int) -> int:
        """Remove the fragments of a file that lie beyond its length in bytes; return how many."""
        gone = sa.delete(fragments).where(
            fragments.c.segment == segment, fragments.c.offset + fragments.c.length > length
        )
        return self._database.write_now(lambda connection: connection.execute(gone).rowcount)


def latest_states(connection: Connection) -> dict[str, CameraState]:
    """Return the latest state of every camera that ever had one."""
    newest = sa.select(sa.func.max(camera_states.c.n)).group_by(camera_states.c.camera)
    rows = connection.execute(sa.select(*camera_states.c).where(camera_states.c.n.in_(newest))).all()
    return {row.camera: _state(row) for row in rows}


def _without_repeated(
    found: list[tuple[FragmentRow, Segment]], numbers: list[int]
) -> list[tuple[FragmentRow, Segment]]:
    """Leave out what a run that was recorded later claims the time of."""
    last: dict[str, int] = {}
    spans: dict[str, tuple[Instant, Instant]] = {}
    for (row, segment), number in zip(found, numbers, strict=True):
        run = segment.info.run
        start_at, end_at = spans.get(run, (row.start_at, row.end_at))
        spans[run] = (min(start_at, row.start_at), max(end_at, row.end_at))
        last[run] = max(last.get(run, 0), number)
    return [
        (row, segment)
        for row, segment in found
        if not any(
            last[other] > last[segment.info.run]
            and row.start_at < end_at - _OVERLAP_US
            and row.end_at > start_at + _OVERLAP_US
            for other, (start_at, end_at) in spans.items()
        )
    ]


def latest_state(connection: Connection, camera: str) -> CameraState | None:
    """Return the latest state of one camera; None where it never had one."""
    row = connection.execute(
        sa.select(*camera_states.c)
        .where(camera_states.c.camera == camera)
        .order_by(camera_states.c.n.desc())
        .limit(1)
    ).first()
    return None if row is None else _state(row)


def _add(connection: Connection, batch: IndexBatch) -> None:
    for key in batch.keys:
        key_queries.add_key(connection, key.known, key.made_at)
    if batch.runs:
        connection.execute(runs.insert(), [asdict(one) for one in batch.runs])
    if batch.segments:
        connection.execute(segments.insert(), [_segment_values(one) for one in batch.segments])
    if batch.fragments:
        connection.execute(fragments.insert(), [asdict(one) for one in batch.fragments])
    for segment, ended_at in batch.ended:
        ended = segments.update().where(segments.c.id == segment)
        connection.execute(ended.values(ended_at=ended_at, bytes=batch.sizes.get(segment)))
    if batch.states:
        connection.execute(camera_states.insert(), [_state_values(one) for one in batch.states])


def _unlock(connection: Connection, held_for: str, camera: str | None = None) -> None:
    gone = sa.delete(footage_locks).where(footage_locks.c.held_for == held_for)
    connection.execute(gone if camera is None else gone.where(footage_locks.c.camera == camera))


def _segment_values(one: Segment) -> dict[str, Any]:
    info = one.info
    return {
        "id": one.id,
        "camera": info.camera,
        "run": info.run,
        "path": one.path,
        "started_at": one.started_at,
        "start_dts": one.start_dts,
        "monotonic_us": one.monotonic_us,
        "codec": info.codec,
        "width": info.width,
        "height": info.height,
        "avcc": info.avcc,
        "sound_codec": None if info.sound is None else info.sound.codec,
        "sound_rate": None if info.sound is None else info.sound.rate,
        "sound_channels": None if info.sound is None else info.sound.channels,
        "sound_config": None if info.sound is None else info.sound.config,
    }


def _segment(row: sa.Row[Any]) -> Segment:
    of_sound = (row.sound_codec, row.sound_rate, row.sound_channels, row.sound_config)
    info = _info(row.camera, row.run, row.codec, row.width, row.height, row.avcc, *of_sound)
    return Segment(row.id, info, row.path, row.started_at, row.start_dts, row.monotonic_us)


def _segment_of_span(row: sa.Row[Any]) -> Segment:
    segment, camera, run, path, started_at, start_dts, *coded = row[_FRAGMENT_COLUMNS:-1]
    return Segment(segment, _info(camera, run, *coded), path, started_at, start_dts)


def _info(  # the columns, in their order
    camera: str,
    run: str,
    codec: str,
    width: int,
    height: int,
    avcc: bytes,
    sound_codec: str | None,
    sound_rate: int,
    sound_channels: int,
    sound_config: bytes,
) -> StreamInfo:
    sound = None
    if sound_codec is not None:
        sound = SoundCoding(sound_codec, sound_rate, sound_channels, sound_config)
    return StreamInfo(camera, run, codec, width, height, avcc, sound=sound)


def _fragment(row: sa.Row[Any]) -> FragmentRow:
    return FragmentRow(*tuple(row)[1:])


def _state_values(one: CameraState) -> dict[str, Any]:
    return {
        "camera": one.camera,
        "state": one.status.value,
        "why": one.why,
        "since_at": one.since_at,
        "retry_at": one.retry_at,
    }


def _state(row: sa.Row[Any]) -> CameraState:
    return CameraState(row.camera, CameraStatus(row.state), row.since_at, row.why, row.retry_at)
