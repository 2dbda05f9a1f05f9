"""The judge at work: reads facts as they are committed, judges, and carries out what follows.

Per finding, in the order of figure 9 of JP7845992B2: the lamp lights and the hint shows (S20–21), stills
are fetched and the brief is told (S22–24), a clip is ordered in the same transaction (S25). Nothing here
holds the only copy of anything: after a restart the facts are read again and what was told stays told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias

from tenban.access.model import Actor
from tenban.base.clock import MILLISECOND, SECOND, Clock, Instant, seconds
from tenban.base.ids import new_id
from tenban.base.log import get_log
from tenban.db import Connection, Database
from tenban.db.blobs import BlobStore
from tenban.findings import evidence, queries, words
from tenban.findings.facts import Box, Fact, SaleEvent
from tenban.findings.hints import FOLLOWS
from tenban.findings.judge import KEEP_S, Judge
from tenban.findings.mapping import fact_of_event, fact_of_observation
from tenban.findings.model import Changes, Finding, StillWish, Withdrawal
from tenban.findings.settings import RulesSettings
from tenban.incidents import engine
from tenban.incidents.model import Cause, Clip
from tenban.notify.board import Board
from tenban.pos import queries as pos_queries
from tenban.sites.model import Register, Shop, Sites
from tenban.video.orders import MediaOrder, place_order
from tenban.vision import queries as vision_queries

log = get_log(__name__)

TellRegister = Callable[[Connection, str, str, dict[str, Any], Instant], object]
"""Writes a command to a register: connection, register, type, body, now."""

Errand: TypeAlias = Callable[[], Coroutine[Any, Any, None]]

LONGEST_LOOK_S = 1.0
RETRY_PAUSES_S = (0.2, 1.0, 5.0)
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class _Telling:
    """All that goes into one brief."""

    finding: Finding
    decidable_at: Instant
    register: Register
    shop: Shop
    gathered: evidence.Gathered
    operator: str | None


class LiveJudge:
    """Judges the shop's lanes as facts come in.

    Attributes:
        opened: findings told since the start.
        withdrawn: findings withdrawn since the start.
        failed: errands that ended with an error; each is in the log.
    """

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        sites: Sites,
        settings: RulesSettings,
        blobs: BlobStore,
        ask: evidence.StillAsker,
        tell_register: TellRegister,
        actor: Actor,
    ) -> None:
        self._db = db
        self._clock = clock
        self._sites = sites
        self._judge = Judge(settings)
        self._settings = settings
        self._blobs = blobs
        self._ask = ask
        self._tell_register = tell_register
        self._actor = actor
        self._told: frozenset[str] = frozenset()
        self._heard_at: dict[str, Instant] = {}
        self._events_seen = 0
        self._observations_seen = 0
        self._errands: dict[str, asyncio.Task[None]] = {}
        self.opened = 0
        self.failed = 0
        self.withdrawn = 0

    def turn(self, sites: Sites, settings: RulesSettings) -> None:
        """Judge by another configuration from now on; sales in hand go on."""
        self._sites = sites
        self._settings = settings
        self._judge.turn(settings)

    async def run(self, board: Board) -> None:
        """Judge until cancelled; wakes at each commit, and when a finding falls due."""
        await self.recall()
        while True:
            seen = board.seen
            await self.step()
            now_at = self._clock.now()
            due_at = self._judge.due_at
            wait_s = LONGEST_LOOK_S
            if due_at is not None:
                wait_s = min(wait_s, max(0.0, (due_at - now_at) / SECOND))
            await board.wait(seen, patience_s=wait_s)

    async def step(self) -> None:
        """Read what is new, judge it, and carry out what follows."""
        facts = await self._db.read(self._new_facts)
        changes = self._judge.feed(facts, self._clock.now())
        self._heard_at = {fact.register: fact.received_at for fact in facts if isinstance(fact, SaleEvent)}
        for fact in facts:
            if isinstance(fact, SaleEvent) and fact.type == "sale_started" and fact.sale is not None:
                about = f"operator:{fact.register}:{fact.sale}"
                self._send(
                    about, partial(self._keep_operator_still, fact.register, fact.sale, fact.occurred_at)
                )
        self._carry_out(changes)

    async def settle(self) -> None:
        """Wait until every errand begun so far is done."""
        while self._errands:
            await asyncio.wait(list(self._errands.values()))

    async def recall(self) -> None:
        """Take in the facts of the sales that may still be in hand, and tell what was missed."""
        since_at = self._clock.now() - seconds(KEEP_S)

        def numbers(connection: Connection) -> tuple[int, int]:
            return (
                pos_queries.first_number_from(connection, since_at),
                vision_queries.first_number_from(connection, since_at),
            )

        self._events_seen, self._observations_seen = await self._db.read(numbers)
        self._told = await self._db.read(lambda connection: queries.standing_keys(connection, since_at))

    def _new_facts(self, connection: Connection) -> list[Fact]:
        events = pos_queries.events_since(connection, self._events_seen)
        seen = vision_queries.observations_since(connection, self._observations_seen)
        if events:
            self._events_seen = events[-1].n
        if seen:
            self._observations_seen = seen[-1].n
        facts: list[Fact] = [fact_of_event(event) for event in events]
        facts += [fact_of_observation(one) for one in seen]
        return sorted(facts, key=lambda fact: fact.received_at)

    def _carry_out(self, changes: Changes) -> None:
        for finding in changes.opened:
            if finding.key in self._told:
                continue
            # What a till told late could not be decided before it was told.
            heard_at = self._heard_at.get(finding.register, finding.decidable_at)
            self._send(finding.fold, partial(self._open, finding, max(finding.decidable_at, heard_at)))
        for finding in changes.updated:
            self._send(finding.fold, partial(self._revise, finding))
        for withdrawal in changes.withdrawn:
            self._told -= {withdrawal.finding.key}
            self._send(withdrawal.finding.fold, partial(self._withdraw, withdrawal))

    def _send(self, about: str, errand: Errand) -> None:
        """Run an errand beside the judging; errands about one thing run one after the other."""
        task = asyncio.ensure_future(self._after(self._errands.get(about), errand))
        self._errands[about] = task
        task.add_done_callback(lambda done: self._forget(about, done))

    async def _after(self, before: asyncio.Task[None] | None, errand: Errand) -> None:
        if before is not None:
            await asyncio.wait([before])
        for pause_s in (*RETRY_PAUSES_S, None):
            try:
                await errand()
            except Exception:
                # Worker loop: one finding that cannot be told must not stop the others. It is tried again;
                # what still fails is counted, stays a fact, and is told by the next start.
                self.failed += 1
                log.exception("errand failed", again_in_s=pause_s)
            else:
                return
            if pause_s is not None:
                await asyncio.sleep(pause_s)

    def _forget(self, about: str, done: asyncio.Task[None]) -> None:
        if self._errands.get(about) is done:
            del self._errands[about]

    async def _open(self, finding: Finding, decidable_at: Instant) -> None:
        register = self._sites.register(finding.register)
        shop = self._sites.shop(register.shop)
        judged_at = self._clock.now()
        lamp = asyncio.ensure_future(
            self._db.write(lambda connection: self._signal(connection, finding, judged_at))
        )
        gathered, operator = await asyncio.gather(
            evidence.gather(self._ask, self._blobs, register, finding.stills),
            self._operator_still(finding),
        )
        shown_at = self._clock.now()
        await lamp
        telling = _Telling(finding, decidable_at, register, shop, gathered, operator)
        told = await self._db.write(lambda connection: self._write(connection, telling))
        self.opened += told
        log.info(
            "finding told",
            key=finding.key,
            judged_after_ms=(judged_at - decidable_at) // MILLISECOND,
            stills_ms=(shown_at - judged_at) // MILLISECOND,
            told_ms=(self._clock.now() - shown_at) // MILLISECOND,
            stills_missing=len(gathered.missing),
        )

    def _signal(self, connection: Connection, finding: Finding, now_at: Instant) -> None:
        """Light the lamp and show a neutral hint; the words never accuse."""
        colour = "red" if finding.severity == "high" else "amber"
        self._tell_register(connection, finding.register, "lamp", {"colour": colour, "blink": True}, now_at)
        hint = self._hint(finding)
        if hint is not None:
            self._tell_register(connection, finding.register, "hint", hint, now_at)
        hold_after = self._settings.lane(finding.register).sale.hold_after
        if hold_after and queries.others_of_sale(connection, finding) + 1 >= hold_after:
            body = {"reason": "repeated", "sale": finding.sale}
            self._tell_register(connection, finding.register, "hold_payment", body, now_at)

    def _hint(self, finding: Finding) -> dict[str, Any] | None:
        """Return what the register's screen asks; ``answers`` is how often the shopper's word counts."""
        text = words.HINTS.get(finding.rule)
        if text is None:
            return None
        answers = self._settings.lane(finding.register).sale.self_answers
        return {"text": text, "rule": finding.rule, "about": finding.key, "answers": answers}

    def _write(self, connection: Connection, telling: _Telling) -> bool:
        finding, register, shop = telling.finding, telling.register, telling.shop
        gathered, operator = telling.gathered, telling.operator
        now_at = self._clock.now()
        body = _body(finding, shop)
        if not queries.keep_finding(connection, finding, now_at, body):
            return False
        orders = _orders(finding, register, gathered.missing, now_at, operator_missing=operator is None)
        clip = next((order for order in orders if order.kind == "clip"), None)
        cause = Cause(
            key=finding.key,
            occurred_at=finding.at,
            decidable_at=telling.decidable_at,
            title=dict(words.TITLES[finding.rule]),
            sentence=body["sentence"],
            facts=[_fact_line(fact, shop) for fact in finding.facts],
            evidence=gathered.stills,
            clip=Clip(clip.id, clip.start_at, clip.end_at, camera=clip.camera) if clip else None,
        )
        incident = engine.open_incident(
            connection,
            self._actor,
            now_at,
            engine.Opening(
                shop=shop.id,
                group=register.group,
                kind=finding.rule,
                place=register.id,
                about=f"sale:{finding.sale}",
                fold_key=finding.fold,
                cause=cause,
                operator_still=operator,
                pass_on_ms=shop.pass_on_ms(register.group),
            ),
        )
        for order in orders:
            place_order(connection, replace(order, held_for=incident.id), now_at)
        self._show_more(connection, telling, now_at, clip=clip is not None)
        return True

    def _show_more(self, connection: Connection, telling: _Telling, now_at: Instant, *, clip: bool) -> None:
        """Follow the hint with the item's picture, and say that a clip comes, where the shop allows it."""
        stills = telling.gathered.stills
        hint = self._hint(telling.finding)
        shows = self._settings.lane(telling.finding.register).sale.hint_shows
        if shows == "nothing" or hint is None:
            return
        more = {}
        if stills:
            more["still"] = stills[0].crop or stills[0].ref
        if shows == "clip" and clip:
            more["clip"] = FOLLOWS
        if more:
            self._tell_register(connection, telling.finding.register, "hint", hint | more, now_at)

    async def _revise(self, finding: Finding) -> None:
        shop = self._sites.shop(self._sites.register(finding.register).shop)
        now_at = self._clock.now()
        await self._db.write(
            lambda connection: engine.revise(
                connection,
                self._actor,
                now_at,
                fold_key=finding.fold,
                cause=finding.key,
                sentence=_body(finding, shop)["sentence"],
                facts=[_fact_line(fact, shop) for fact in finding.facts],
            )
        )

    async def _withdraw(self, withdrawal: Withdrawal) -> None:
        finding = withdrawal.finding
        why: dict[str, str] = dict(words.REASONS[withdrawal.reason])
        now_at = self._clock.now()

        def write(connection: Connection) -> None:
            queries.withdraw_finding(connection, finding.key, now_at, withdrawal.reason)
            engine.withdraw(
                connection, self._actor, now_at, fold_key=finding.fold, cause=finding.key, why=why
            )
            if not any(one.register == finding.register for one in self._judge.standing):
                self._tell_register(
                    connection, finding.register, "lamp", {"colour": "off", "blink": False}, now_at
                )

        await self._db.write(write)
        self.withdrawn += 1

    async def _keep_operator_still(self, register_id: str, sale: str, at: Instant) -> None:
        register = self._sites.register(register_id)
        found = await evidence.fetch_operator(self._ask, self._blobs, register, at)
        if found is not None:
            blob, captured_at = found
            await self._db.write(
                lambda connection: queries.keep_operator_still(
                    connection, register_id, sale, blob, captured_at
                )
            )

    async def _operator_still(self, finding: Finding) -> str | None:
        return await self._db.read(
            lambda connection: queries.operator_still(connection, finding.register, finding.sale)
        )


def _orders(
    finding: Finding,
    register: Register,
    missing: list[StillWish],
    now_at: Instant,
    *,
    operator_missing: bool,
) -> list[MediaOrder]:
    """Return what must come out of footage: the clip, and the stills that could not be had at once."""
    camera = evidence.camera_of(register, next((wish.camera for wish in finding.stills), None))
    if camera is None:
        return []

    def still(label: str, camera: str, at: Instant, box: Box | None) -> MediaOrder:
        return MediaOrder(new_id(now_at), "still", camera, at, at, at, "", finding.key, box, label)

    orders = [
        MediaOrder(
            new_id(now_at),
            "clip",
            camera,
            finding.clip.start_at,
            finding.clip.end_at,
            finding.at,
            "",
            finding.key,
        )
    ]
    orders += [
        still(wish.label, wish.camera or camera, wish.at, evidence.crop_box(register, camera, wish))
        for wish in missing
    ]
    if operator_missing:
        box = evidence.operator_box(register, camera)
        orders.append(still(OPERATOR, camera, finding.at, box))
    return orders


def _both(say: Callable[[words.Language], str]) -> dict[str, str]:
    return {language: say(language) for language in words.LANGUAGES}


def _body(finding: Finding, shop: Shop) -> dict[str, Any]:
    return {"sentence": _both(lambda language: words.say(finding.phrase, language, shop.timezone))}


def _fact_line(fact: Fact, shop: Shop) -> dict[str, Any]:
    kind = fact.type if isinstance(fact, SaleEvent) else fact.kind
    line = _both(lambda language: words.say_fact(fact, language, shop.timezone))
    return {"id": fact.id, "kind": kind, **line}
