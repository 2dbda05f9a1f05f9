"""People belong to areas and come by invitation; sessions say where they are and end when nobody uses them.

Sessions from before end: they do not say how long they may lie idle. Everybody signs in once more.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _session_before() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("token_hash", sa.String(64), nullable=False, comment="SHA-256 of the cookie's value"),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
    )


def _session() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False, comment="to the minute"),
        sa.Column(
            "idle_s", sa.Integer(), nullable=False, comment="how long it lives without being used, in seconds"
        ),
        sa.Column("address", sa.String(64), nullable=True, comment="where it was opened from"),
        sa.Column("agent", sa.String(300), nullable=True, comment="what the browser called itself"),
        sa.Column("how", sa.String(16), nullable=False, comment="password, invitation, pin, ..."),
        sa.Column(
            "proven_at", sa.BigInteger(), nullable=True, comment="when the person last proved who they are"
        ),
    )


def _person() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column(
            "area", sa.String(100), nullable=True, comment="the only area; null, and no shop: every shop"
        ),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True, comment="the last time; null: never yet"),
        sa.Column("pin_hash", sa.String(200), nullable=True, comment="argon2id; null: no PIN"),
        sa.Column(
            "pin_failures", sa.Integer(), nullable=False, server_default="0", comment="wrong ones in a row"
        ),
    )


def _session_keys() -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sessions_person_id_people")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sessions")),
    )


def upgrade() -> None:
    op.drop_table("sessions")
    op.create_table(
        "sessions",
        *_session_before(),
        *_session(),
        *_session_keys(),
        sa.UniqueConstraint("id", name=op.f("uq_sessions_id")),
    )
    with op.batch_alter_table("people") as people:
        for column in _person():
            people.add_column(column)
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False, comment="SHA-256 of what the link carries"),
        sa.Column(
            "person_id",
            sa.String(36),
            nullable=True,
            comment="whose password it sets; null: the first person's",
        ),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False, comment="actor id"),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True, comment="used, or replaced; null: in force"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_invitations_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_invitations_secret_hash")),
    )
    op.create_table(
        "known_browsers",
        sa.Column("secret_hash", sa.String(64), nullable=False, comment="SHA-256 of the cookie's value"),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False, comment="signed in with it"),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_known_browsers_person_id_people")
        ),
        sa.PrimaryKeyConstraint("secret_hash", "person_id", name=op.f("pk_known_browsers")),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("account", sa.String(64), nullable=False, comment="SHA-256 of the name, known or not"),
        sa.Column("source", sa.String(80), nullable=False, comment="a browser, an address, a place, or *"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "source", name=op.f("pk_sign_in_failures")),
    )


def downgrade() -> None:
    op.drop_table("sign_in_failures")
    op.drop_table("known_browsers")
    op.drop_table("invitations")
    with op.batch_alter_table("people") as people:
        for column in _person():
            people.drop_column(column.name)
    op.drop_table("sessions")
    op.create_table("sessions", *_session_before(), *_session_keys())
