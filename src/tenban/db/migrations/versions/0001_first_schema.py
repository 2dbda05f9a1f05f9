"""First schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False, comment="source:subject:action"),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit")),
    )
    op.create_table(
        "camera_states",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.String(length=16),
            nullable=False,
            comment="connecting, recording, paused, lost, ended",
        ),
        sa.Column("why", sa.Text(), nullable=True, comment="null where there is nothing to explain"),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("retry_at", sa.BigInteger(), nullable=True, comment="null: no retry is planned"),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_camera_states")),
    )
    with op.batch_alter_table("camera_states", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_camera_states_camera_n"), ["camera", "n"], unique=False)

    op.create_table(
        "findings",
        sa.Column("key", sa.String(length=300), nullable=False, comment="the same facts give the same key"),
        sa.Column("fold", sa.String(length=200), nullable=False, comment="one incident per fold"),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("register", sa.String(length=64), nullable=False),
        sa.Column("sale", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("decidable_at", sa.BigInteger(), nullable=False, comment="the facts sufficed from here on"),
        sa.Column("found_at", sa.BigInteger(), nullable=False, comment="when it was concluded"),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=True, comment="null while it stands"),
        sa.Column("withdrawn_why", sa.String(length=64), nullable=True, comment="null while it stands"),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_findings")),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index("ix_findings_register_at", ["register", "at"], unique=False)

    op.create_table(
        "footage_locks",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "held_for",
            sa.String(length=100),
            nullable=False,
            comment="what needs the footage, such as incident:ID",
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_footage_locks")),
        sa.UniqueConstraint("held_for", "camera", name=op.f("uq_footage_locks_held_for_camera")),
        comment="footage in these spans is not deleted; a span may lie ahead of the recording",
    )
    with op.batch_alter_table("footage_locks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_footage_locks_camera_end_at"), ["camera", "end_at"], unique=False
        )

    op.create_table(
        "footage_segments",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column(
            "run", sa.String(length=36), nullable=False, comment="stream times of two runs cannot be compared"
        ),
        sa.Column("path", sa.String(length=300), nullable=False, comment="below the footage folder"),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "start_dts",
            sa.BigInteger(),
            nullable=False,
            comment="1/90000 s, where the file's own times begin",
        ),
        sa.Column(
            "ended_at",
            sa.BigInteger(),
            nullable=True,
            comment="null: being written, or left by a killed process",
        ),
        sa.Column("codec", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("avcc", sa.LargeBinary(), nullable=False, comment="AVCDecoderConfigurationRecord"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_footage_segments")),
        sa.UniqueConstraint("path", name=op.f("uq_footage_segments_path")),
    )
    with op.batch_alter_table("footage_segments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_footage_segments_camera_started_at"), ["camera", "started_at"], unique=False
        )

    op.create_table(
        "incidents",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column(
            "group", sa.String(length=64), nullable=True, comment="who is told; null: everybody of the shop"
        ),
        sa.Column("kind", sa.String(length=64), nullable=False, comment="what opened it, e.g. a rule's name"),
        sa.Column("place", sa.String(length=64), nullable=False, comment="where, e.g. a register's id"),
        sa.Column(
            "about",
            sa.String(length=200),
            nullable=True,
            comment="reference, e.g. sale:…; null: about nothing else",
        ),
        sa.Column("fold_key", sa.String(length=200), nullable=False, comment="repeats share it"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "outcome",
            sa.String(length=16),
            nullable=True,
            comment="true, false_alarm or unclear; null: not labelled",
        ),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("owner", sa.String(length=100), nullable=True, comment="actor id; null: nobody has it"),
        sa.Column("owner_name", sa.String(length=100), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False, comment="of the latest cause"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column(
            "causes", sa.Text(), nullable=False, comment="one entry per cause: key, sentence, evidence, clip"
        ),
        sa.Column(
            "operator_still",
            sa.String(length=100),
            nullable=True,
            comment="reference blob:…; null: not found (yet)",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("fold_key", name=op.f("uq_incidents_fold_key")),
    )
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.create_index("ix_incidents_kind_place", ["kind", "place"], unique=False)
        batch_op.create_index("ix_incidents_shop_opened_at", ["shop", "opened_at"], unique=False)

    op.create_table(
        "lane_watch",
        sa.Column("register", sa.String(length=64), nullable=False),
        sa.Column("watched", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True, comment="why not, in ja and en; null while watched"),
        sa.Column("since_at", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False, comment="the watcher was alive"),
        sa.Column("frames_seen", sa.BigInteger(), nullable=False),
        sa.Column(
            "frames_skipped", sa.BigInteger(), nullable=False, comment="came faster than they were analysed"
        ),
        sa.PrimaryKeyConstraint("register", name=op.f("pk_lane_watch")),
    )
    op.create_table(
        "media_orders",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="clip or still"),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("around_at", sa.BigInteger(), nullable=False, comment="the moment that matters most"),
        sa.Column(
            "box",
            sa.Text(),
            nullable=True,
            comment="of a still: where to look, 0–1; null: nowhere in particular",
        ),
        sa.Column("label", sa.String(length=32), nullable=True, comment="of a still: what it shows"),
        sa.Column(
            "held_for", sa.String(length=100), nullable=False, comment="reference of whoever ordered it"
        ),
        sa.Column(
            "part", sa.String(length=300), nullable=False, comment="which part of it, e.g. a cause's key"
        ),
        sa.Column("state", sa.String(length=8), nullable=False, comment="pending, ready or failed"),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=True, comment="null while pending"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_orders")),
        comment="clips and stills to be cut from footage; what waits survives a restart",
    )
    with op.batch_alter_table("media_orders", schema=None) as batch_op:
        batch_op.create_index("ix_media_orders_state_end_at", ["state", "end_at"], unique=False)

    op.create_table(
        "notices",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column("group", sa.String(length=64), nullable=True, comment="null: everybody of the shop"),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column(
            "subject", sa.String(length=64), nullable=False, comment="what it is about, e.g. an incident's id"
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_notices")),
    )
    op.create_table(
        "observations",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("register", sa.String(length=64), nullable=False),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="when it happened, by the frames"),
        sa.Column("proven_at", sa.BigInteger(), nullable=False, comment="the frame that completed the proof"),
        sa.Column("received_at", sa.BigInteger(), nullable=False, comment="when it was written"),
        sa.Column("body", sa.Text(), nullable=False, comment="the whole observation"),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_observations")),
        sa.UniqueConstraint("id", name=op.f("uq_observations_id")),
    )
    with op.batch_alter_table("observations", schema=None) as batch_op:
        batch_op.create_index("ix_observations_register_at", ["register", "at"], unique=False)

    op.create_table(
        "operator_stills",
        sa.Column("register", sa.String(length=64), nullable=False),
        sa.Column("sale", sa.String(length=200), nullable=False),
        sa.Column("blob", sa.String(length=80), nullable=False),
        sa.Column("captured_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("register", "sale", name=op.f("pk_operator_stills")),
        comment="the person at the register when the sale began",
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False, comment="what is typed at sign-in"),
        sa.Column("display_name", sa.String(length=100), nullable=False),
        sa.Column(
            "password_hash", sa.String(length=200), nullable=False, comment="argon2id, with its parameters"
        ),
        sa.Column("roles", sa.Text(), nullable=False, comment="list of Role values"),
        sa.Column("shop", sa.String(length=64), nullable=True, comment="null: every shop of the company"),
        sa.Column("groups", sa.Text(), nullable=False, comment="attendants' groups; empty: all of the shop"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=True, comment="null: may sign in"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("name", name=op.f("uq_people_name")),
    )
    op.create_table(
        "plu_items",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "code", name=op.f("pk_plu_items")),
    )
    with op.batch_alter_table("plu_items", schema=None) as batch_op:
        batch_op.create_index("ix_plu_items_shop_version", ["shop", "version"], unique=False)

    op.create_table(
        "plu_versions",
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("imported_at", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "version", name=op.f("pk_plu_versions")),
    )
    op.create_table(
        "register_clocks",
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("offset_us", sa.BigInteger(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("stepped_at", sa.BigInteger(), nullable=True),
        sa.Column("doubted", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("register", name=op.f("pk_register_clocks")),
    )
    op.create_table(
        "register_commands",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("acked_at", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_register_commands")),
        sa.UniqueConstraint("id", name=op.f("uq_register_commands_id")),
    )
    with op.batch_alter_table("register_commands", schema=None) as batch_op:
        batch_op.create_index(
            "ix_register_commands_waiting",
            ["register", "n"],
            unique=False,
            sqlite_where=sa.text("acked_at IS NULL"),
            postgresql_where=sa.text("acked_at IS NULL"),
        )

    op.create_table(
        "sale_events",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("shop", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("sale", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("rung_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("offset_us", sa.BigInteger(), nullable=False),
        sa.Column("clock_doubted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("plu", sa.Text(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("of_sale", sa.Text(), nullable=True),
        sa.Column("cashier", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_sale_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_sale_events_event_id")),
    )
    with op.batch_alter_table("sale_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sale_events_of_sale",
            ["of_sale"],
            unique=False,
            sqlite_where=sa.text("of_sale IS NOT NULL"),
            postgresql_where=sa.text("of_sale IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_sale_events_register_occurred_at", ["register", "occurred_at"], unique=False
        )
        batch_op.create_index("ix_sale_events_register_sale_seq", ["register", "sale", "seq"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="register or device"),
        sa.Column(
            "subject", sa.String(length=64), nullable=False, comment="the register or device it speaks for"
        ),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the secret"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True, comment="null: in force"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_tokens_secret_hash")),
    )
    op.create_table(
        "fragments",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("camera", sa.String(length=64), nullable=False),
        sa.Column("segment", sa.String(length=36), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False, comment="its first picture was taken"),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("start_dts", sa.BigInteger(), nullable=False, comment="1/90000 s of the run"),
        sa.Column(
            "is_keyframe", sa.Boolean(), nullable=False, comment="false: goes on where the one before ended"
        ),
        sa.Column(
            "offset", sa.BigInteger(), nullable=False, comment="of its first sample in the file, bytes"
        ),
        sa.Column("length", sa.Integer(), nullable=False, comment="of all its samples, bytes"),
        sa.Column("samples", sa.LargeBinary(), nullable=False, comment="see tenban.video.samples"),
        sa.ForeignKeyConstraint(
            ["segment"], ["footage_segments.id"], name=op.f("fk_fragments_segment_footage_segments")
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_fragments")),
    )
    with op.batch_alter_table("fragments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_fragments_camera_start_at"), ["camera", "start_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_fragments_segment_offset"), ["segment", "offset"], unique=False)

    op.create_table(
        "incident_history",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("incident", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incidents.id"], name=op.f("fk_incident_history_incident_incidents")
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_incident_history")),
    )
    with op.batch_alter_table("incident_history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_history_incident"), ["incident"], unique=False)

    op.create_table(
        "sessions",
        sa.Column(
            "token_hash", sa.String(length=64), nullable=False, comment="SHA-256 of the cookie's value"
        ),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )


def downgrade() -> None:
    op.drop_table("sessions")
    with op.batch_alter_table("incident_history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_history_incident"))

    op.drop_table("incident_history")
    with op.batch_alter_table("fragments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fragments_segment_offset"))
        batch_op.drop_index(batch_op.f("ix_fragments_camera_start_at"))

    op.drop_table("fragments")
    op.drop_table("tokens")
    with op.batch_alter_table("sale_events", schema=None) as batch_op:
        batch_op.drop_index("ix_sale_events_register_sale_seq")
        batch_op.drop_index("ix_sale_events_register_occurred_at")
        batch_op.drop_index(
            "ix_sale_events_of_sale",
            sqlite_where=sa.text("of_sale IS NOT NULL"),
            postgresql_where=sa.text("of_sale IS NOT NULL"),
        )

    op.drop_table("sale_events")
    with op.batch_alter_table("register_commands", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_register_commands_waiting",
            sqlite_where=sa.text("acked_at IS NULL"),
            postgresql_where=sa.text("acked_at IS NULL"),
        )

    op.drop_table("register_commands")
    op.drop_table("register_clocks")
    op.drop_table("plu_versions")
    with op.batch_alter_table("plu_items", schema=None) as batch_op:
        batch_op.drop_index("ix_plu_items_shop_version")

    op.drop_table("plu_items")
    op.drop_table("people")
    op.drop_table("operator_stills")
    with op.batch_alter_table("observations", schema=None) as batch_op:
        batch_op.drop_index("ix_observations_register_at")

    op.drop_table("observations")
    op.drop_table("notices")
    with op.batch_alter_table("media_orders", schema=None) as batch_op:
        batch_op.drop_index("ix_media_orders_state_end_at")

    op.drop_table("media_orders")
    op.drop_table("lane_watch")
    with op.batch_alter_table("incidents", schema=None) as batch_op:
        batch_op.drop_index("ix_incidents_shop_opened_at")
        batch_op.drop_index("ix_incidents_kind_place")

    op.drop_table("incidents")
    with op.batch_alter_table("footage_segments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_footage_segments_camera_started_at"))

    op.drop_table("footage_segments")
    with op.batch_alter_table("footage_locks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_footage_locks_camera_end_at"))

    op.drop_table("footage_locks")
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_index("ix_findings_register_at")

    op.drop_table("findings")
    with op.batch_alter_table("camera_states", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_camera_states_camera_n"))

    op.drop_table("camera_states")
    op.drop_table("audit")
