"""The index of footage, and what happened to the cameras."""

import sqlalchemy as sa

from tenban.db.schema import JsonText, metadata

_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")

segments = sa.Table(
    "footage_segments",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("camera", sa.String(64), nullable=False),
    sa.Column("run", sa.String(36), nullable=False, comment="stream times of two runs cannot be compared"),
    sa.Column("path", sa.String(300), nullable=False, unique=True, comment="below the footage folder"),
    sa.Column("started_at", sa.BigInteger, nullable=False),
    sa.Column(
        "start_dts", sa.BigInteger, nullable=False, comment="1/90000 s, where the file's own times begin"
    ),
    sa.Column("monotonic_us", sa.BigInteger, comment="started_at by the clock that is never set"),
    sa.Column("ended_at", sa.BigInteger, comment="null: being written, or left by a killed process"),
    sa.Column("bytes", sa.BigInteger, comment="on the disk; null: being written, or not looked at yet"),
    sa.Column("codec", sa.String(16), nullable=False),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("avcc", sa.LargeBinary, nullable=False, comment="AVCDecoderConfigurationRecord"),
    sa.Column("sound_codec", sa.String(16), comment="aac or opus; null: no sound"),
    sa.Column("sound_rate", sa.Integer, comment="parts of a second in which its times count"),
    sa.Column("sound_channels", sa.Integer),
    sa.Column("sound_config", sa.LargeBinary, comment="AudioSpecificConfig, or contents of dOps"),
    sa.Index(None, "camera", "started_at"),
)

runs = sa.Table(
    "footage_runs",
    metadata,
    sa.Column("n", _number, primary_key=True, autoincrement=True, comment="in the order they were recorded"),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("camera", sa.String(64), nullable=False),
    sa.Column("began_at", sa.BigInteger, nullable=False, comment="by the wall clock"),
    sa.Column("monotonic_us", sa.BigInteger, nullable=False, comment="by the clock that is never set"),
    sa.Column("boot", sa.String(36), nullable=False, comment="the start of the machine it counts from"),
    sa.Column("why", sa.Text, nullable=False, comment="why it began"),
    sa.Column("step_us", sa.BigInteger, nullable=False, comment="by which the wall clock was set; mostly 0"),
    sa.Index(None, "camera", "n"),
    sa.Index(None, "camera", "began_at"),
    comment="uninterrupted pieces of cameras' streams; a run has footage in footage_segments",
)

fragments = sa.Table(
    "fragments",
    metadata,
    sa.Column("n", _number, primary_key=True, autoincrement=True),
    sa.Column("camera", sa.String(64), nullable=False),
    sa.Column("segment", sa.String(36), sa.ForeignKey("footage_segments.id"), nullable=False),
    sa.Column("start_at", sa.BigInteger, nullable=False, comment="its first picture was taken"),
    sa.Column("end_at", sa.BigInteger, nullable=False),
    sa.Column("start_dts", sa.BigInteger, nullable=False, comment="1/90000 s of the run"),
    sa.Column("is_keyframe", sa.Boolean, nullable=False, comment="false: goes on where the one before ended"),
    sa.Column("offset", sa.BigInteger, nullable=False, comment="of its first sample in the file, bytes"),
    sa.Column("length", sa.Integer, nullable=False, comment="of all its samples, bytes"),
    sa.Column("samples", sa.LargeBinary, nullable=False, comment="see tenban.video.samples"),
    sa.Column("sound_start", sa.BigInteger, comment="position in samples of the run; null: no sound"),
    sa.Column("sound_offset", sa.BigInteger, comment="of its first frame in the file, bytes"),
    sa.Column("sound_length", sa.Integer, comment="of all its frames, bytes"),
    sa.Column("sound_samples", sa.LargeBinary, comment="see tenban.video.sound"),
    sa.Index(None, "camera", "start_at"),
    sa.Index(None, "segment", "offset"),
)

footage_locks = sa.Table(
    "footage_locks",
    metadata,
    sa.Column("n", _number, primary_key=True, autoincrement=True),
    sa.Column("camera", sa.String(64), nullable=False),
    sa.Column("start_at", sa.BigInteger, nullable=False),
    sa.Column("end_at", sa.BigInteger, nullable=False),
    sa.Column(
        "held_for", sa.String(100), nullable=False, comment="what needs the footage, such as incident:ID"
    ),
    sa.UniqueConstraint("held_for", "camera"),
    sa.Index(None, "camera", "end_at"),
    comment="footage in these spans is not deleted; a span may lie ahead of the recording",
)

camera_states = sa.Table(
    "camera_states",
    metadata,
    sa.Column("n", _number, primary_key=True, autoincrement=True),
    sa.Column("camera", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, comment="connecting, recording, paused, lost, ended"),
    sa.Column("why", sa.Text, comment="null where there is nothing to explain"),
    sa.Column("since_at", sa.BigInteger, nullable=False),
    sa.Column("retry_at", sa.BigInteger, comment="null: no retry is planned"),
    sa.Index(None, "camera", "n"),
)

media_orders = sa.Table(
    "media_orders",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(8), nullable=False, comment="clip or still"),
    sa.Column("camera", sa.String(64), nullable=False),
    sa.Column("start_at", sa.BigInteger, nullable=False),
    sa.Column("end_at", sa.BigInteger, nullable=False),
    sa.Column("around_at", sa.BigInteger, nullable=False, comment="the moment that matters most"),
    sa.Column("box", JsonText, comment="of a still: where to look, 0–1; null: nowhere in particular"),
    sa.Column("label", sa.String(32), comment="of a still: what it shows"),
    sa.Column("held_for", sa.String(100), nullable=False, comment="reference of whoever ordered it"),
    sa.Column("part", sa.String(300), nullable=False, comment="which part of it, e.g. a cause's key"),
    sa.Column("state", sa.String(8), nullable=False, comment="pending, ready or failed"),
    sa.Column("ordered_at", sa.BigInteger, nullable=False),
    sa.Column("settled_at", sa.BigInteger, comment="null while pending"),
    sa.Column("progress", sa.Integer, comment="per cent; null: not begun, or not told"),
    sa.Index("ix_media_orders_state_end_at", "state", "end_at"),
    comment="clips and stills to be cut from footage; what waits survives a restart",
)

camera_health = sa.Table(
    "camera_health",
    metadata,
    sa.Column(
        "stream", sa.String(80), primary_key=True, comment="a camera's id, or that of its smaller stream"
    ),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("since_at", sa.BigInteger, nullable=False, comment="counting began"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("why", sa.Text, comment="null where there is nothing to explain"),
    sa.Column("codec", sa.String(16)),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("kbit_s", sa.Float, comment="of the last seconds"),
    sa.Column("fps", sa.Float, comment="of the last seconds"),
    sa.Column("keyframe_ms", sa.BigInteger, comment="between the last two keyframes"),
    sa.Column("packets", sa.BigInteger, nullable=False, comment="pictures"),
    sa.Column("lost", sa.BigInteger, comment="network packets; null: nobody counts"),
    sa.Column("late", sa.BigInteger, nullable=False),
    sa.Column("damaged", sa.BigInteger, nullable=False),
    sa.Column("not_kept", sa.BigInteger, nullable=False, comment="fragments"),
    sa.Column("connections", sa.BigInteger, nullable=False),
    sa.Column("clock_off_ms", sa.BigInteger, comment="ahead of ours; null: not reported"),
    sa.Column("sound", sa.String(200), comment="its coding, or why there is none; null: not asked for"),
    comment="what the recorder measured last; nothing of it has to last",
)
