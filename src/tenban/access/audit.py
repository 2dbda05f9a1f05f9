"""The audit log: who did what, when. Its words are in one place, ``source:subject:action``."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from tenban.access import queries
from tenban.access.model import Actor
from tenban.base.clock import Instant


class AuditEvent(StrEnum):
    """Everything that is written down."""

    PERSON_ADDED = "access:person:added"
    SIGNED_IN = "access:session:opened"
    SIGN_IN_REFUSED = "access:session:refused"
    SIGNED_OUT = "access:session:closed"
    TOKEN_MADE = "access:token:made"  # noqa: S105  # the name of an event
    REGISTER_PAIRED = "access:register:paired"
    REGISTER_UNPAIRED = "access:register:unpaired"
    APPROVAL_GIVEN = "pos:approval:given"
    APPROVAL_REFUSED = "pos:approval:refused"
    PAYMENT_HELD = "pos:payment:held"
    PAYMENT_RELEASED = "pos:payment:released"
    RECEIPT_PRINTED = "pos:receipt:printed"
    MEDIA_VIEWED = "media:picture:viewed"
    SETTINGS_CHANGED = "settings:revision:saved"
    SETTINGS_PUT_BACK = "settings:revision:put-back"
    SETTINGS_HAND_EDITED = "settings:revision:hand-edited"
    CAMERA_TRIED = "settings:camera:tried"
    LANE_LOOKED_AT = "settings:lane:looked-at"
    TRY_MADE = "tries:try:made"
    TRY_STARTED = "tries:try:started"
    TRY_VIEWED = "tries:try:viewed"
    TRY_DELETED = "tries:try:deleted"
    LIVE_OPENED = "media:live:opened"
    LIVE_CLOSED = "media:live:closed"
    INCIDENT_PASSED_ON = "incidents:incident:passed-on"
    HANDED_OVER = "incidents:duty:handed-over"


def write_down(
    connection: Connection, event: AuditEvent, actor: Actor, at: Instant, subject: str, **detail: Any
) -> None:
    """Append one line to the audit log, in the caller's transaction."""
    queries.add_audit(
        connection, at=at, actor=actor.id, event=event.value, subject=subject[:200], detail=detail
    )
