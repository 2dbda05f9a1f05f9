"""Money in a currency's smallest unit. Yen has no decimals."""

from __future__ import annotations

from dataclasses import dataclass

_DECIMALS = {"JPY": 0, "KRW": 0}
_SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (yen, cents) and its ISO 4217 currency."""

    amount_minor: int
    currency: str = "JPY"

    def __str__(self) -> str:
        decimals = _DECIMALS.get(self.currency, 2)
        sign = _SIGNS.get(self.currency, f"{self.currency} ")
        minus = "-" if self.amount_minor < 0 else ""
        whole, part = divmod(abs(self.amount_minor), 10**decimals)
        return f"{minus}{sign}{whole:,}" + (f".{part:0{decimals}d}" if decimals else "")
