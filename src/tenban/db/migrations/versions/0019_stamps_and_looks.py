"""A third party's time stamps over the audit log's seals; what looks were at; staff codes of tills."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_SIGN_ON = sa.text("type IN ('cashier_signed_on', 'cashier_signed_off')")


def upgrade() -> None:
    op.create_table(
        "audit_stamps",
        sa.Column("upto_n", sa.BigInteger(), autoincrement=False, nullable=False, comment="names the seal"),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="by the authority's clock"),
        sa.Column("token", sa.Text(), nullable=False, comment="RFC 3161, DER in base64"),
        sa.PrimaryKeyConstraint("upto_n", name=op.f("pk_audit_stamps")),
    )
    op.create_table(
        "audit_looks",
        sa.Column("n", sa.BigInteger(), autoincrement=False, nullable=False, comment="the audit log's row"),
        sa.Column("register", sa.String(64), nullable=False),
        sa.Column("from_at", sa.BigInteger(), nullable=False, comment="when what was looked at happened"),
        sa.Column("to_at", sa.BigInteger(), nullable=False, comment="at most an hour later"),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("n", "register", "from_at", name=op.f("pk_audit_looks")),
    )
    op.create_index("ix_audit_looks_place", "audit_looks", ["shop", "register", "from_at", "to_at", "n"])
    op.create_table(
        "staff_codes",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("person_id", sa.String(36), nullable=False),
        sa.Column("shop", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False, comment="as the shop's tills tell a cashier"),
        sa.Column("since_at", sa.BigInteger(), nullable=False, comment="nobody else had it from then on"),
        sa.Column("ended_at", sa.BigInteger(), nullable=True, comment="null: in force"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_staff_codes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_codes")),
    )
    op.create_index("ix_staff_codes_person_id", "staff_codes", ["person_id"])
    for name, columns in (("code", ["shop", "code"]), ("person", ["shop", "person_id"])):
        op.create_index(
            f"ix_staff_codes_{name}_in_force",
            "staff_codes",
            columns,
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
    op.create_index(
        "ix_sale_events_signed_on",
        "sale_events",
        ["shop", "register", "occurred_at", "n", "type", "cashier"],
        sqlite_where=_SIGN_ON,
        postgresql_where=_SIGN_ON,
    )


def downgrade() -> None:
    op.drop_index("ix_sale_events_signed_on", table_name="sale_events")
    op.drop_table("staff_codes")
    op.drop_table("audit_looks")
    op.drop_table("audit_stamps")
