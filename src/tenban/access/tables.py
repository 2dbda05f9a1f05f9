"""People, their invitations and sessions, tokens of tills and devices, the audit log and its seals."""

import sqlalchemy as sa

from tenban.db import JsonText, metadata

people = sa.Table(
    "people",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False, unique=True, comment="what is typed at sign-in"),
    sa.Column("display_name", sa.String(100), nullable=False),
    sa.Column(
        "password_hash",
        sa.String(200),
        nullable=False,
        comment="argon2id, with its parameters",
    ),
    sa.Column("roles", JsonText, nullable=False, comment="list of Role values"),
    sa.Column("shop", sa.String(64), comment="null: every shop of the company"),
    sa.Column("area", sa.String(100), comment="the only area; null, and no shop: every shop"),
    sa.Column("signed_in_at", sa.BigInteger, comment="the last time; null: never yet"),
    sa.Column("pin_hash", sa.String(200), comment="argon2id; null: no PIN"),
    sa.Column("pin_failures", sa.Integer, nullable=False, server_default="0", comment="wrong ones in a row"),
    sa.Column("groups", JsonText, nullable=False, comment="attendants' groups; empty: all of the shop"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("disabled_at", sa.BigInteger, comment="null: may sign in"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True, comment="SHA-256 of the cookie's value"),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("people.id"), nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("seen_at", sa.BigInteger, nullable=False, comment="to the minute"),
    sa.Column(
        "idle_s", sa.Integer, nullable=False, comment="how long it lives without being used, in seconds"
    ),
    sa.Column("address", sa.String(64), comment="where it was opened from"),
    sa.Column("agent", sa.String(300), comment="what the browser called itself"),
    sa.Column("how", sa.String(16), nullable=False, comment="password, invitation, pin, ..."),
    sa.Column("proven_at", sa.BigInteger, comment="when the person last proved who they are"),
    sa.Column(
        "two_factors",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="a second factor was shown in it: a code, a passkey, or the provider says so",
    ),
)

invitations = sa.Table(
    "invitations",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column(
        "secret_hash", sa.String(64), nullable=False, unique=True, comment="SHA-256 of what the link carries"
    ),
    sa.Column(
        "person_id",
        sa.String(36),
        sa.ForeignKey("people.id"),
        comment="whose password it sets; null: the first person's",
    ),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("made_by", sa.String(100), nullable=False, comment="actor id"),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, comment="used, or replaced; null: in force"),
)

known_browsers = sa.Table(
    "known_browsers",
    metadata,
    sa.Column("secret_hash", sa.String(64), primary_key=True, comment="SHA-256 of the cookie's value"),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("people.id"), primary_key=True),
    sa.Column("first_at", sa.BigInteger, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False, comment="signed in with it"),
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    sa.Column("account", sa.String(64), primary_key=True, comment="SHA-256 of the name, known or not"),
    sa.Column("source", sa.String(80), primary_key=True, comment="a browser, an address, a place, or *"),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.BigInteger, nullable=False),
)

one_time_codes = sa.Table(
    "one_time_codes",
    metadata,
    sa.Column("person_id", sa.String(36), sa.ForeignKey("people.id"), primary_key=True),
    sa.Column(
        "sealed", sa.String(200), nullable=False, comment="the secret under the people key, hexadecimal"
    ),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("confirmed_at", sa.BigInteger, comment="null: not asked for yet"),
    sa.Column("last_step", sa.BigInteger, nullable=False, comment="of the last code used: each works once"),
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    sa.Column("code_hash", sa.String(64), primary_key=True, comment="HMAC-SHA-256 under the people key"),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("people.id"), nullable=False),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("used_at", sa.BigInteger, comment="null: still good"),
)

passkeys = sa.Table(
    "passkeys",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("credential_id", sa.String(1400), nullable=False, unique=True, comment="base64url"),
    sa.Column("public_key", sa.Text, nullable=False, comment="COSE_Key, base64url"),
    sa.Column("rp_id", sa.String(255), nullable=False, comment="the host name at which it was made"),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False, comment="of its last use; 0: it does not count"),
    sa.Column("transports", JsonText, nullable=False, comment="how browsers reach it, as they said"),
    sa.Column("may_sync", sa.Boolean, nullable=False, comment="may be copied to other devices; stays so"),
    sa.Column("synced", sa.Boolean, nullable=False, comment="was, at its last use"),
    sa.Column("made_at", sa.BigInteger, nullable=False),
    sa.Column("used_at", sa.BigInteger, comment="null: not yet"),
)

identities = sa.Table(
    "identities",
    metadata,
    sa.Column("issuer", sa.String(300), primary_key=True, comment="iss of the identity provider"),
    sa.Column("subject", sa.String(255), primary_key=True, comment="who it is there; never reassigned"),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("people.id"), nullable=False, index=True),
    sa.Column("linked_at", sa.BigInteger, nullable=False),
    sa.Column("by_groups", sa.Boolean, nullable=False, comment="rights follow the groups there"),
    sa.Column("used_at", sa.BigInteger, comment="null: not yet"),
)

challenges = sa.Table(
    "challenges",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True, comment="SHA-256 of what has to come back, once"),
    sa.Column("purpose", sa.String(32), nullable=False),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("people.id"), comment="null: anybody's"),
    sa.Column("made_at", sa.BigInteger, nullable=False, index=True),
    sa.Column("sealed", sa.Text, nullable=False, comment="what goes with it, under the people key; or empty"),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False, comment="register or device"),
    sa.Column("subject", sa.String(64), nullable=False, comment="the register or device it speaks for"),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True, comment="SHA-256 of the secret"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger, comment="null: in force"),
    sa.Column("made_by", sa.String(100), comment="actor id; null: not written down then"),
    sa.Column("made_by_name", sa.String(100)),
    sa.Column("device", sa.String(300), comment="what the browser calls itself"),
    sa.Column("seen_at", sa.BigInteger, comment="to the minute; null: not since it was paired"),
    sa.Column("name", sa.String(100)),
    sa.Column("functions", JsonText, comment="Function values; null: all of its kind"),
    sa.Column("expires_at", sa.BigInteger, comment="null: never"),
    sa.Column("follows", sa.String(36), comment="the token it takes over from"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column(
        "n",
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        primary_key=True,
        autoincrement=True,
        comment="without gaps: the writer gives it, not the database",
    ),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(100), nullable=False),
    sa.Column("event", sa.String(64), nullable=False, comment="source:subject:action"),
    sa.Column("subject", sa.String(200), nullable=False),
    sa.Column("detail", JsonText, nullable=False),
    sa.Column("shop", sa.String(64), comment="null: the company's; hashed with the rest"),
    sa.Column(
        "hash", sa.String(64), nullable=False, comment="over the row before and this one, see chain.py"
    ),
    sa.Index("ix_audit_at", "at"),
    sa.Index("ix_audit_actor_n", "actor", "n"),
    sa.Index("ix_audit_subject_n", "subject", "n"),
    sa.Index("ix_audit_shop_n", "shop", "n"),
)

audit_seals = sa.Table(
    "audit_seals",
    metadata,
    sa.Column("upto_n", sa.BigInteger, primary_key=True, autoincrement=False, comment="last row it covers"),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, comment="that row's"),
    sa.Column("key_id", sa.String(16), nullable=False),
    sa.Column("signature", sa.String(128), nullable=False, comment="Ed25519, hexadecimal"),
)

audit_looks = sa.Table(
    "audit_looks",
    metadata,
    sa.Column("n", sa.BigInteger, primary_key=True, autoincrement=False, comment="the audit log's row"),
    sa.Column("register", sa.String(64), primary_key=True),
    sa.Column(
        "from_at",
        sa.BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="when what was looked at happened",
    ),
    sa.Column("to_at", sa.BigInteger, nullable=False, comment="at most an hour later"),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Index("ix_audit_looks_place", "shop", "register", "from_at", "to_at", "n"),
)

staff_codes = sa.Table(
    "staff_codes",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("person_id", sa.String(36), sa.ForeignKey("people.id"), nullable=False),
    sa.Column("shop", sa.String(64), nullable=False),
    sa.Column("code", sa.String(64), nullable=False, comment="as the shop's tills tell a cashier"),
    sa.Column("since_at", sa.BigInteger, nullable=False, comment="nobody else had it from then on"),
    sa.Column("ended_at", sa.BigInteger, comment="null: in force"),
    sa.Index("ix_staff_codes_person_id", "person_id"),
    sa.Index(
        "ix_staff_codes_code_in_force",
        "shop",
        "code",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
    sa.Index(
        "ix_staff_codes_person_in_force",
        "shop",
        "person_id",
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    ),
)

audit_stamps = sa.Table(
    "audit_stamps",
    metadata,
    sa.Column("upto_n", sa.BigInteger, primary_key=True, autoincrement=False, comment="names the seal"),
    sa.Column("at", sa.BigInteger, nullable=False, comment="by the authority's clock"),
    sa.Column("token", sa.Text, nullable=False, comment="RFC 3161, DER in base64"),
)
