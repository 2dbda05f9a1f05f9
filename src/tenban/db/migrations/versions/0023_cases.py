"""Cases: named folders of evidence, what is in them, and the packages made of them."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("shop", sa.String(length=64), nullable=False),
        sa.Column(
            "reference", sa.String(length=16), nullable=False, comment="year and number, such as 2026-0003"
        ),
        sa.Column("title", sa.String(length=200), nullable=False, comment="empty once deleted"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="open, sealed or deleted"),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=100), nullable=False, comment="actor id"),
        sa.Column("opened_by_name", sa.String(length=100), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", sa.BigInteger(), nullable=True, comment="null: open"),
        sa.Column("sealed_by", sa.String(length=100), nullable=True),
        sa.Column("sealed_by_name", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("shop", "reference", name=op.f("uq_cases_shop_reference")),
    )
    op.create_index(op.f("ix_cases_state_opened_at"), "cases", ["state", "opened_at"])
    op.create_table(
        "case_history",
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("actor_name", sa.String(length=100), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_history_case_id_cases")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_case_history")),
    )
    op.create_index(op.f("ix_case_history_case_id"), "case_history", ["case_id"])
    op.create_table(
        "case_items",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="incident, sale, footage or note"),
        sa.Column(
            "incident",
            sa.String(length=36),
            nullable=True,
            comment="of an incident; nothing of it is destroyed meanwhile",
        ),
        sa.Column("register", sa.String(length=64), nullable=True, comment="of an incident or a sale"),
        sa.Column(
            "sale",
            sa.String(length=64),
            nullable=True,
            comment="its events are kept meanwhile; null: about no sale",
        ),
        sa.Column("cameras", sa.Text(), nullable=False, comment="ids, whose footage of the span is kept"),
        sa.Column(
            "start_at", sa.BigInteger(), nullable=True, comment="of the footage; null: none belongs to it"
        ),
        sa.Column("end_at", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(length=4000), nullable=True, comment="of a note"),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=100), nullable=False, comment="actor id"),
        sa.Column("added_by_name", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_items_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_items")),
        comment="what a case contains, by reference; it is held as long as it stands here",
    )
    op.create_index(op.f("ix_case_items_case_id"), "case_items", ["case_id"])
    op.create_index(op.f("ix_case_items_incident"), "case_items", ["incident"])
    op.create_index(op.f("ix_case_items_register_sale"), "case_items", ["register", "sale"])
    op.create_table(
        "case_packages",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="counts the packages of a case from 1"),
        sa.Column("state", sa.String(length=16), nullable=False, comment="waiting, ready, failed or deleted"),
        sa.Column("form", sa.String(length=16), nullable=False, comment="original or blurred"),
        sa.Column("side_by_side", sa.Boolean(), nullable=False, comment="with all cameras in one picture"),
        sa.Column("purpose", sa.String(length=500), nullable=False, comment="why it is given away, in words"),
        sa.Column("receiver", sa.String(length=200), nullable=False, comment="to whom, in words"),
        sa.Column("progress", sa.Float(), nullable=False, comment="0–1"),
        sa.Column("why", sa.Text(), nullable=True, comment="ja and en: what went wrong; null: nothing"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "lease_at",
            sa.BigInteger(),
            nullable=True,
            comment="somebody works on it until then; null: nobody",
        ),
        sa.Column("size", sa.BigInteger(), nullable=True, comment="bytes of the file; null: not made"),
        sa.Column("sha256", sa.String(length=64), nullable=True, comment="of the file"),
        sa.Column(
            "manifest_sha256", sa.String(length=64), nullable=True, comment="of its manifest, which is signed"
        ),
        sa.Column("files", sa.Integer(), nullable=True, comment="how many the manifest names"),
        sa.Column(
            "ordered_n", sa.BigInteger(), nullable=False, comment="row of the audit log that ordered it"
        ),
        sa.Column("ordered_hash", sa.String(length=64), nullable=False, comment="that row's hash"),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("ordered_by", sa.String(length=100), nullable=False, comment="actor id"),
        sa.Column("ordered_by_name", sa.String(length=100), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=True, comment="null: not made"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_packages_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_packages")),
        sa.UniqueConstraint("case_id", "number", name=op.f("uq_case_packages_case_id_number")),
    )
    op.create_index(op.f("ix_case_packages_case_id"), "case_packages", ["case_id"])
    op.create_index(op.f("ix_case_packages_state_ordered_at"), "case_packages", ["state", "ordered_at"])


def downgrade() -> None:
    op.drop_table("case_packages")
    op.drop_table("case_items")
    op.drop_table("case_history")
    op.drop_table("cases")
