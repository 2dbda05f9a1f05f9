"""Every row of the audit log is chained to the one before; seals sign how far the chain reached.

Rows from before are numbered without gaps and chained as they stand: the chain proves them from here on.
From now on the database itself refuses to change or delete a row.
"""

import hashlib

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_AUDIT = sa.table(
    "audit", *(sa.column(name) for name in ("n", "at", "actor", "event", "subject", "detail", "hash"))
)
_ONLY_APPENDED = "the audit log is only appended to"


def upgrade() -> None:
    op.create_table(
        "audit_seals",
        sa.Column(
            "upto_n", sa.BigInteger(), autoincrement=False, nullable=False, comment="last row it covers"
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="that row's"),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False, comment="Ed25519, hexadecimal"),
        sa.PrimaryKeyConstraint("upto_n", name=op.f("pk_audit_seals")),
    )
    with op.batch_alter_table("audit") as audit:
        audit.add_column(sa.Column("hash", sa.String(length=64), nullable=True))
    _chain_what_is_there()
    with op.batch_alter_table("audit") as audit:
        audit.alter_column(
            "hash",
            existing_type=sa.String(length=64),
            nullable=False,
            comment="over the row before and this one, see chain.py",
        )
        audit.alter_column(
            "n",
            existing_type=sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            existing_nullable=False,
            comment="without gaps: the writer gives it, not the database",
        )
    _forbid_changes()


def _chain_what_is_there() -> None:
    connection = op.get_bind()
    previous = "0" * 64
    rows = connection.execute(sa.select(_AUDIT).order_by(_AUDIT.c.n)).all()
    for number, row in enumerate(rows, start=1):
        content = orjson.dumps([number, row.at, row.actor, row.event, row.subject, row.detail])
        previous = hashlib.sha256(bytes.fromhex(previous) + content).hexdigest()
        # Ascending, and never larger than before: no two rows meet on one number.
        connection.execute(sa.update(_AUDIT).where(_AUDIT.c.n == row.n).values(n=number, hash=previous))


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{change.lower()} BEFORE {change} ON audit"
                f" BEGIN SELECT RAISE(ABORT, '{_ONLY_APPENDED}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_only_appended() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_ONLY_APPENDED}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_only_appended()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER audit_no_update")
        op.execute("DROP TRIGGER audit_no_delete")
    else:
        op.execute("DROP TRIGGER audit_no_change ON audit")
        op.execute("DROP FUNCTION audit_only_appended()")
    with op.batch_alter_table("audit") as audit:
        audit.drop_column("hash")
    op.drop_table("audit_seals")
