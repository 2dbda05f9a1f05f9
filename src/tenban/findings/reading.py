"""Facts from JSON lines, as ``tenban replay`` reads them: the contracts' own fields, one fact a line.

A line with ``type`` is a sale event, as a till posts it, with ``occurred_at`` in place of ``rung_at`` where
the clock was put right already. A line with ``kind`` is an observation with its ``register``. ``id`` and
``received_at`` may be missing: a fact is then named by its place and received when it could be known.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tenban.base.clock import from_rfc3339
from tenban.base.errors import BadInput
from tenban.findings.facts import (
    EVENT_TYPES,
    OBSERVATION_KINDS,
    Box,
    EventType,
    Fact,
    Item,
    Observation,
    ObservationKind,
    SaleEvent,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


def _instant(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError("an RFC 3339 time such as 2026-11-22T12:05:57.123+09:00")  # noqa: TRY004  # pydantic asks for it
    return from_rfc3339(value)


_Time = Annotated[int, BeforeValidator(_instant)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Item(_Line):
    line: str | None = None
    plu: str | None = None
    name: str | None = None
    quantity: Annotated[int, Field(le=100_000)] | None = 1
    weight_g: int | None = None
    unit_price: int | None = None
    amount: int | None = None
    entered: str | None = None


class _Event(_Line):
    id: Annotated[str | None, Field(validation_alias=AliasChoices("id", "event_id"))] = None
    register_: Annotated[_Name, Field(alias="register")]
    sale: _Name | None
    seq: Annotated[int, Field(ge=1)]
    type: EventType
    occurred_at: Annotated[_Time, Field(validation_alias=AliasChoices("occurred_at", "rung_at"))]
    received_at: _Time | None = None
    item: _Item | None = None
    total: int | None = None
    cashier: str | None = None
    of_sale: str | None = None
    answer: Literal["scan", "put_back"] | None = None
    about: str | None = None


class _Observation(_Line):
    id: str | None = None
    register_: Annotated[_Name, Field(alias="register")]
    kind: ObservationKind
    at: _Time
    started_at: _Time | None = None
    proven_at: _Time | None = None
    received_at: _Time | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    from_zone: str | None = None
    to_zone: str | None = None
    track: int | None = None
    remains: Annotated[bool | None, Field(validation_alias=AliasChoices("remains", "occupied"))] = None
    camera: str | None = None
    box: Box | None = None
    left_box: Box | None = None


def read_facts(lines: Iterable[str], *, where: str) -> tuple[list[Fact], list[BadInput]]:
    """Return the facts of a file, and a mistake for each line that is none; empty lines are passed over.

    Args:
        lines: the file's.
        where: its name, for the mistakes and for facts without ``id``.
    """
    facts: list[Fact] = []
    mistakes: list[BadInput] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            facts.append(read_fact(line, where=f"{where}:{number}"))
        except BadInput as mistake:
            mistakes.append(mistake)  # told by the caller with its number; the other lines count
    return facts, mistakes


def read_fact(line: str, *, where: str) -> Fact:
    """Return the fact a line holds; raises BadInput naming the key, what was expected and what came."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(where, expected="a JSON object", came=error) from error
    if not isinstance(told, Mapping):
        raise BadInput(where, expected="a JSON object", came=repr(told)[:120])
    try:
        if "kind" in told:
            return _observation(_Observation.model_validate(told), where)
        return _event(_Event.model_validate(told), where)
    except ValidationError as error:
        raise _mistake(error.errors()[0], where) from error


def _event(told: _Event, where: str) -> SaleEvent:
    if told.type in {"item_registered", "item_voided"} and told.item is None:
        raise BadInput(f"{where}: item", expected=f"the item of {told.type}", came="nothing")
    received_at = told.received_at if told.received_at is not None else told.occurred_at
    return SaleEvent(
        told.id or where,
        told.register_,
        told.sale,
        told.seq,
        told.type,
        told.occurred_at,
        received_at,
        Item(**told.item.model_dump()) if told.item else None,
        told.total,
        told.cashier,
        told.of_sale,
        told.answer,
        told.about,
    )


def _observation(told: _Observation, where: str) -> Observation:
    if told.kind == "basket_state" and told.remains is None:
        raise BadInput(f"{where}: remains", expected="true or false", came="nothing")
    if told.kind == "item_moved" and told.to_zone is None:
        raise BadInput(f"{where}: to_zone", expected="the role of a zone", came="nothing")
    proven_at = told.proven_at if told.proven_at is not None else told.at
    received_at = told.received_at if told.received_at is not None else max(proven_at, told.at)
    return Observation(
        told.id or where,
        told.register_,
        told.kind,
        told.started_at if told.started_at is not None else told.at,
        told.at,
        proven_at,
        received_at,
        told.confidence,
        told.from_zone,
        told.to_zone,
        told.track,
        told.remains,
        told.camera,
        told.box,
        told.left_box,
    )


def _mistake(told: Any, where: str) -> BadInput:
    key = ".".join(str(step) for step in told["loc"])
    expected = str(told["msg"]).removeprefix("Input should be ").removeprefix("Value error, ")
    if key in {"kind", "type"}:
        expected = "one of " + ", ".join(sorted(OBSERVATION_KINDS if key == "kind" else EVENT_TYPES))
    came = "nothing" if told["type"] == "missing" else repr(told["input"])[:120]
    return BadInput(f"{where}: {key}", expected="a value" if came == "nothing" else expected, came=came)
