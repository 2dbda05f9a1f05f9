"""Cases, what is in them, what was done with them, and the packages made of them."""

import sqlalchemy as sa

from tenban.db import JsonText, metadata

_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("reference", sa.String(16), nullable=False, comment="year and number, such as 2026-0003"),
    sa.Column("title", sa.String(200), nullable=False, comment="empty once deleted"),
    sa.Column("state", sa.String(16), nullable=False, comment="open, sealed or deleted"),
    sa.Column("opened_at", sa.BigInteger, nullable=False),
    sa.Column("opened_by", sa.String(100), nullable=False, comment="actor id"),
    sa.Column("opened_by_name", sa.String(100), nullable=False),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
    sa.Column("sealed_at", sa.BigInteger, comment="null: open"),
    sa.Column("sealed_by", sa.String(100)),
    sa.Column("sealed_by_name", sa.String(100)),
    sa.UniqueConstraint("shop", "reference"),
    sa.Index(None, "state", "opened_at"),
)

case_items = sa.Table(
    "case_items",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False, comment="incident, sale, footage or note"),
    sa.Column("incident", sa.String(36), comment="of an incident; nothing of it is destroyed meanwhile"),
    sa.Column("register", sa.String(64), comment="of an incident or a sale"),
    sa.Column("sale", sa.String(64), comment="its events are kept meanwhile; null: about no sale"),
    sa.Column("cameras", JsonText, nullable=False, comment="ids, whose footage of the span is kept"),
    sa.Column("start_at", sa.BigInteger, comment="of the footage; null: none belongs to it"),
    sa.Column("end_at", sa.BigInteger),
    sa.Column("text", sa.String(4000), comment="of a note"),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("added_by", sa.String(100), nullable=False, comment="actor id"),
    sa.Column("added_by_name", sa.String(100), nullable=False),
    sa.Index(None, "incident"),
    sa.Index(None, "register", "sale"),
    comment="what a case contains, by reference; it is held as long as it stands here",
)

case_history = sa.Table(
    "case_history",
    metadata,
    sa.Column("n", _number, primary_key=True, autoincrement=True),
    sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("actor_name", sa.String(100), nullable=False),
    sa.Column("what", sa.String(32), nullable=False),
    sa.Column("detail", JsonText, nullable=False),
)

case_packages = sa.Table(
    "case_packages",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("case_id", sa.String(36), sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("number", sa.Integer, nullable=False, comment="counts the packages of a case from 1"),
    sa.Column("state", sa.String(16), nullable=False, comment="waiting, ready, failed or deleted"),
    sa.Column("form", sa.String(16), nullable=False, comment="original or blurred"),
    sa.Column("side_by_side", sa.Boolean, nullable=False, comment="with all cameras in one picture"),
    sa.Column("purpose", sa.String(500), nullable=False, comment="why it is given away, in words"),
    sa.Column("receiver", sa.String(200), nullable=False, comment="to whom, in words"),
    sa.Column("progress", sa.Float, nullable=False, comment="0–1"),
    sa.Column("why", JsonText, comment="ja and en: what went wrong; null: nothing"),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lease_at", sa.BigInteger, comment="somebody works on it until then; null: nobody"),
    sa.Column("size", sa.BigInteger, comment="bytes of the file; null: not made"),
    sa.Column("sha256", sa.String(64), comment="of the file"),
    sa.Column("manifest_sha256", sa.String(64), comment="of its manifest, which is signed"),
    sa.Column("files", sa.Integer, comment="how many the manifest names"),
    sa.Column("ordered_n", sa.BigInteger, nullable=False, comment="row of the audit log that ordered it"),
    sa.Column("ordered_hash", sa.String(64), nullable=False, comment="that row's hash"),
    sa.Column("ordered_at", sa.BigInteger, nullable=False),
    sa.Column("ordered_by", sa.String(100), nullable=False, comment="actor id"),
    sa.Column("ordered_by_name", sa.String(100), nullable=False),
    sa.Column("made_at", sa.BigInteger, comment="null: not made"),
    sa.Column("sound", sa.Boolean, nullable=False, server_default=sa.false(), comment="with the sound"),
    sa.UniqueConstraint("case_id", "number"),
    sa.Index(None, "state", "ordered_at"),
)
