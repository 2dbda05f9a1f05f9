"""A lane told in seconds: ``lane.scan(1.0); lane.move(2.0); lane.pay(10)``."""

from __future__ import annotations

from typing import Any

from tenban.base.clock import seconds
from tenban.findings.facts import Item, Observation, SaleEvent
from tenban.findings.replay import Replayed, replay_all
from tenban.findings.rules import RULES
from tenban.findings.sale import SaleFacts
from tenban.findings.settings import RulesSettings

START_AT = 1_795_312_800_000_000


def at(second: float) -> int:
    """Return the instant of a story's second."""
    return START_AT + seconds(second)


class LaneStory:
    """Facts of one register, written down in any order."""

    def __init__(self, register: str = "lane-1", *, sale: str | None = "s1", started: float = 0.0) -> None:
        self.register = register
        self.facts: list[Any] = []
        self.sale = ""
        self._seq: dict[str | None, int] = {}
        self._line = 0
        if sale is not None:
            self.start(started, sale)

    def start(self, second: float, sale: str) -> None:
        """Begin a sale; what follows is of this sale."""
        self.sale, self._line = sale, 0
        self.event(second, "sale_started")

    def event(self, second: float, kind: str, *, sale: str | None = "", **fields: Any) -> SaleEvent:
        """Tell any event of the till."""
        of = self.sale if sale == "" else sale
        seq = fields.pop("seq", self._seq.get(of, 0) + 1)
        self._seq[of] = max(seq, self._seq.get(of, 0))
        late_s = fields.pop("late", 0.05)
        event = SaleEvent(
            f"{self.register}/{of}/{seq}",
            self.register,
            of,
            seq,
            kind,
            at(second),
            at(second + late_s),
            **fields,
        )
        self.facts.append(event)
        return event

    def scan(self, second: float, quantity: int = 1, *, plu: str = "4901", **fields: Any) -> str:
        """Register an item; returns its line."""
        self._line += 1
        item = Item(line=str(self._line), plu=plu, quantity=quantity, entered="scan")
        self.event(second, "item_registered", item=item, **fields)
        return str(self._line)

    def void(self, second: float, line: str | None = None, quantity: int = 1, plu: str | None = None) -> None:
        """Take pieces back."""
        self.event(second, "item_voided", item=Item(line=line, plu=plu, quantity=quantity))

    def pay(self, second: float, *, done: float | None = None) -> None:
        """Begin the payment, and finish it two seconds later."""
        self.event(second, "payment_started")
        self.event(second + 2 if done is None else done, "paid")

    def seen(self, second: float, kind: str, **fields: Any) -> Observation:
        """Tell any observation."""
        number = sum(isinstance(fact, Observation) for fact in self.facts) + 1
        proven = second + fields.pop("proven", 0.4)
        late_s = fields.pop("late", 0.05)
        begun = second - fields.pop("took", 0.8)
        seen = Observation(
            f"{self.register}/o{number}",
            self.register,
            kind,
            at(begun),
            at(second),
            at(proven),
            at(proven + late_s),
            **fields,
        )
        self.facts.append(seen)
        return seen

    def move(self, second: float, confidence: float = 0.9, **fields: Any) -> str:
        """An item goes from the basket into the bag; returns its observation."""
        return self.seen(
            second, "item_moved", confidence=confidence, from_zone="basket", to_zone="bagging", **fields
        ).id

    def back(self, second: float, **fields: Any) -> None:
        """A thing comes out of the bag again."""
        self.seen(second, "item_returned", from_zone="bagging", to_zone="basket", **fields)

    def leave(self, second: float, **fields: Any) -> None:
        """The operator leaves."""
        self.seen(second, "operator_left", **fields)

    def arrive(self, second: float, **fields: Any) -> None:
        """The operator arrives."""
        self.seen(second, "operator_arrived", **fields)

    def basket(self, second: float, *, remains: bool, **fields: Any) -> None:
        """The basket is seen with or without products."""
        self.seen(second, "basket_state", remains=remains, **fields)

    def staff(self, second: float, kind: str = "cashier_signed_on") -> None:
        """Staff sign on or off, or are called."""
        self.event(second, kind, sale=None)

    def replay(self, settings: RulesSettings | None = None) -> Replayed:
        """Judge it all."""
        return replay_all(self.facts, settings or RulesSettings())

    def told(self, settings: RulesSettings | None = None) -> list[str]:
        """Return rule and second of each finding that stands in the end."""
        return [spoken(finding) for finding in self.replay(settings).findings]

    def verdict(self, rule: str, now: float, settings: RulesSettings | None = None) -> Any:
        """Judge one rule of the only sale, as of a second."""
        events = [f for f in self.facts if isinstance(f, SaleEvent) and f.sale is not None]
        facts = SaleFacts.of(
            self.register,
            self.sale,
            events=events,
            observations=[f for f in self.facts if isinstance(f, Observation)],
            staff=[f for f in self.facts if isinstance(f, SaleEvent) and f.sale is None],
        ).as_of(at(now))
        return RULES[rule](facts, (settings or RulesSettings()).lane(self.register), at(now))


def spoken(finding: Any) -> str:
    """Return a finding as its rule and its second."""
    return f"{finding.rule} {(finding.at - START_AT) / 1e6:g}"
