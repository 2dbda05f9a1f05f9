"""The audit log: who did what, when. Its words are in one place, ``source:subject:action``."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.chain import GENESIS, AuditRow, Seal, Signer, make_seal
from tenban.access.model import Actor
from tenban.base.clock import Instant


class AuditEvent(StrEnum):
    """Everything that is written down."""

    PERSON_ADDED = "access:person:added"
    PERSON_CHANGED = "access:person:changed"
    PERSON_DISABLED = "access:person:disabled"
    PERSON_ENABLED = "access:person:enabled"
    PERSON_INVITED = "access:person:invited"
    PERSON_JOINED = "access:person:joined"
    STAFF_CODE_CHANGED = "access:staff-code:changed"
    PASSWORD_CHANGED = "access:password:changed"  # noqa: S105  # the name of an event
    PIN_CHANGED = "access:pin:changed"
    PIN_REFUSED = "access:pin:refused"
    PROVEN = "access:step-up:passed"
    PROOF_REFUSED = "access:step-up:refused"
    SECOND_FACTOR_ON = "access:second-factor:on"
    SECOND_FACTOR_OFF = "access:second-factor:off"
    SECOND_FACTOR_REFUSED = "access:second-factor:refused"
    RECOVERY_CODE_USED = "access:recovery-code:used"
    PASSKEY_ADDED = "access:passkey:added"
    PASSKEY_RENAMED = "access:passkey:renamed"
    PASSKEY_REMOVED = "access:passkey:removed"
    PASSKEY_REFUSED = "access:passkey:refused"
    IDENTITY_LINKED = "access:identity:linked"
    IDENTITY_UNLINKED = "access:identity:unlinked"
    IDENTITY_REFUSED = "access:identity:refused"
    SESSION_REVOKED = "access:session:revoked"
    SIGNED_IN = "access:session:opened"
    SIGN_IN_REFUSED = "access:session:refused"
    SIGNED_OUT = "access:session:closed"
    OTHER_SHOP_REFUSED = "access:shop:refused"
    TOKEN_MADE = "access:token:made"  # noqa: S105  # the name of an event
    TOKEN_ROTATED = "access:token:rotated"  # noqa: S105  # as above
    TOKEN_REVOKED = "access:token:revoked"  # noqa: S105  # as above
    WEBHOOK_MADE = "notify:webhook:made"
    WEBHOOK_CHANGED = "notify:webhook:changed"
    WEBHOOK_REMOVED = "notify:webhook:removed"
    REGISTER_PAIRED = "access:register:paired"
    REGISTER_UNPAIRED = "access:register:unpaired"
    APPROVAL_GIVEN = "pos:approval:given"
    APPROVAL_REFUSED = "pos:approval:refused"
    PAYMENT_HELD = "pos:payment:held"
    PAYMENT_RELEASED = "pos:payment:released"
    RECEIPT_PRINTED = "pos:receipt:printed"
    COPY_ORDERED = "media:copy:ordered"
    MEDIA_VIEWED = "media:picture:viewed"
    SETTINGS_CHANGED = "settings:revision:saved"
    SETTINGS_PUT_BACK = "settings:revision:put-back"
    SETTINGS_HAND_EDITED = "settings:revision:hand-edited"
    CAMERA_TRIED = "settings:camera:tried"
    CAMERA_ASKED = "settings:camera:asked"
    LANE_LOOKED_AT = "settings:lane:looked-at"
    TRY_MADE = "tries:try:made"
    TRY_STARTED = "tries:try:started"
    TRY_VIEWED = "tries:try:viewed"
    TRY_DELETED = "tries:try:deleted"
    LIVE_OPENED = "media:live:opened"
    LIVE_CLOSED = "media:live:closed"
    FOOTAGE_VIEWED = "media:footage:viewed"
    FOOTAGE_TAKEN = "media:footage:taken"
    SOUND_HEARD = "media:sound:heard"
    FLAG_SET = "pos:flag:set"
    FLAG_CHANGED = "pos:flag:changed"
    FLAG_REMOVED = "pos:flag:removed"
    INCIDENT_PASSED_ON = "incidents:incident:passed-on"
    LOG_EXPORTED = "audit:log:exported"
    LOG_PROVEN = "audit:log:proven"
    HANDED_OVER = "incidents:duty:handed-over"
    DATA_DESTROYED = "keeping:data:destroyed"
    HOLD_PLACED = "keeping:hold:placed"
    HOLD_RELEASED = "keeping:hold:released"
    PICTURES_ERASED = "keeping:pictures:erased"
    PERSON_EXPORTED = "keeping:person:exported"
    PERSON_ERASED = "keeping:person:erased"
    CASE_OPENED = "cases:case:opened"
    CASE_CHANGED = "cases:case:changed"
    CASE_ITEM_ADDED = "cases:item:added"
    CASE_ITEM_REMOVED = "cases:item:removed"
    CASE_SEALED = "cases:case:sealed"
    CASE_DELETED = "cases:case:deleted"
    CASE_PACKAGE_ORDERED = "cases:package:ordered"
    CASE_PACKAGE_MADE = "cases:package:made"
    CASE_PACKAGE_TAKEN = "cases:package:taken"
    CASE_PACKAGE_PROVEN = "cases:package:proven"
    CASE_PACKAGE_DELETED = "cases:package:deleted"
    CLIP_EXPORTED = "media:clip:exported"


def write_down(
    connection: Connection,
    event: AuditEvent,
    actor: Actor,
    at: Instant,
    subject: str,
    *,
    shop: str | None = None,
    **detail: Any,
) -> int:
    """Append one line to the audit log, in the caller's transaction; return its number.

    The database lets one write at a time, so the row before is the one this row follows.

    Args:
        connection: in which the row is written.
        event: what was done.
        actor: who did it.
        at: when.
        subject: what it was done to.
        shop: whose auditors may read the row; the actor's if left out, and where that is none, only
            the company's.
        detail: what else is to be known, as JSON.
    """
    n, previous = queries.last_audit(connection) or (0, GENESIS)
    told = orjson.dumps(detail).decode()
    bare = AuditRow(n + 1, at, actor.id, event.value, subject[:200], told, "", shop or actor.shop)
    queries.add_audit(connection, replace(bare, hash=bare.hash_after(previous)))
    return n + 1


def seal(connection: Connection, signer: Signer, at: Instant) -> Seal | None:
    """Sign how far the log reaches; None where nothing came since the last seal."""
    reached = queries.last_audit(connection)
    sealed = queries.last_seal(connection)
    if reached is None or (sealed is not None and sealed.upto_n >= reached[0]):
        return None
    made = make_seal(signer, *reached, at)
    queries.add_seal(connection, made)
    return made
