"""Article codes: JAN/EAN-13, EAN-8, UPC-A, UPC-E, and the codes a shop prints itself.

GS1 General Specifications: section 7.9 (check digits), 2.1.11 (variable measure, restricted circulation), 5.2
(EAN/UPC symbols). A JAN code is an EAN-13 that begins with 45 or 49.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tenban.base.errors import BadInput

CodeKind = Literal["ean13", "ean8", "upca", "upce", "gtin14", "in_store", "plain"]

_IN_STORE = ("02", *(str(prefix) for prefix in range(20, 30)))
_LENGTHS: dict[int, CodeKind] = {8: "ean8", 12: "upca", 13: "ean13", 14: "gtin14"}


@dataclass(frozen=True, slots=True)
class Code:
    """What a code says.

    Attributes:
        text: the digits as read, plain.
        key: what the article is looked up by: GTIN-13 for EAN-13 and UPC, the shop's item code for codes with
            an embedded price or weight, the text itself for the others.
        price: embedded price in minor units.
        weight_g: embedded weight.
    """

    text: str
    kind: CodeKind
    key: str
    price: int | None = None
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """How a shop's own 13 digits are laid out, such as ``02IIIIIPPPPPC``.

    Fixed digits come first; ``I`` item, ``P`` price (minor units), ``W`` weight (grams), ``V`` check digit of
    the price or weight, ``C`` check digit of the whole, always last.
    """

    pattern: str

    def __post_init__(self) -> None:
        fixed = self.pattern.rstrip("IPWVC")
        good = (
            len(self.pattern) == 13
            and self.pattern.endswith("C")
            and self.pattern.count("C") == 1
            and fixed.isdecimal()
            and fixed.isascii()
            and fixed[:2] in _IN_STORE
            and "I" in self.pattern
            and not ("P" in self.pattern and "W" in self.pattern)
            and self.pattern.count("V") <= 1
            and ("V" not in self.pattern or len(self._at("PW")) in {4, 5})
        )
        if not good:
            raise BadInput(
                "layout of in-store codes",
                expected="13 signs such as 02IIIIIPPPPPC: 02 or 20-29, I, P or W, perhaps V, C last",
                came=repr(self.pattern),
            )

    @property
    def prefix(self) -> str:
        """The fixed digits."""
        return self.pattern.rstrip("IPWVC")

    def read(self, digits: str) -> Code | None:
        """Return what 13 digits say in this layout, or None where the value's check digit is wrong."""
        value = "".join(digits[at] for at in self._at("PW"))
        verifier = self._at("V")
        if verifier and value_check_digit(value) != digits[verifier[0]]:
            return None
        key = self.prefix + "".join(digits[at] for at in self._at("I"))
        price = int(value) if "P" in self.pattern else None
        weight_g = int(value) if "W" in self.pattern else None
        return Code(digits, "in_store", key, price, weight_g)

    def _at(self, letters: str) -> list[int]:
        return [at for at, sign in enumerate(self.pattern) if sign in letters]


DEFAULT_LAYOUTS = (Layout("02IIIIIPPPPPC"),)


def plain_digits(text: str) -> str:
    """Return a code with full-width signs made plain and spaces and hyphens left out."""
    plain = unicodedata.normalize("NFKC", text).strip()
    bare = plain.replace(" ", "").replace("-", "").replace("‐", "").replace("−", "").replace("ー", "")
    return bare if bare.isdecimal() and bare.isascii() else plain


def check_digit(digits: str) -> str:
    """Return the GS1 check digit that follows these digits (modulo 10, weights 3 and 1 from the right)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def checks(digits: str) -> bool:
    """Tell whether the last digit is the check digit of the others."""
    return len(digits) > 1 and check_digit(digits[:-1]) == digits[-1]


def value_check_digit(value: str) -> str:
    """Return the check digit of an embedded price or weight of 4 or 5 digits (GS1, section 7.9)."""
    times = {"2-": _two_minus, "5-": _five_minus, "5+": _five_plus, "3": _three}
    weights = ("2-", "2-", "3", "5-") if len(value) == 4 else ("5+", "2-", "5-", "5+", "2-")
    total = sum(times[weight](int(digit)) for weight, digit in zip(weights, value, strict=True))
    if len(value) == 4:
        return str(total * 3 % 10)
    wanted = -total % 10
    return str(next(digit for digit in range(10) if _five_minus(digit) % 10 == wanted))


def expand_upc_e(digits: str) -> str | None:
    """Return the UPC-A that 8 digits of UPC-E stand for, or None where they are none."""
    if len(digits) != 8 or digits[0] not in "01":
        return None
    system, body, check, last = digits[0], digits[1:7], digits[7], digits[6]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body[:5]}0000{last}"
    whole = system + middle + check
    return whole if checks(whole) else None


def read_code(text: str, layouts: Sequence[Layout] = DEFAULT_LAYOUTS) -> Code:
    """Return what a code says.

    Eight digits that begin with 0 are read as UPC-E where that fits, otherwise as EAN-8. A code of
    another length is the shop's own and taken as it is.

    Raises:
        BadInput: 8, 12, 13 or 14 digits with a wrong check digit, or nothing at all.
    """
    digits = plain_digits(text)
    if not digits or len(digits) > 32:
        raise BadInput("code", expected="1 to 32 signs", came=repr(text[:40]))
    if not (digits.isdecimal() and digits.isascii()) or len(digits) not in _LENGTHS:
        return Code(digits, "plain", digits)
    wide = expand_upc_e(digits)
    if wide is not None and (digits[0] == "0" or not checks(digits)):
        return Code(digits, "upce", "0" + wide)
    if not checks(digits):
        raise BadInput(f"code {digits}", expected=f"check digit {check_digit(digits[:-1])}", came=digits[-1])
    kind = _LENGTHS[len(digits)]
    if kind == "ean13" and digits.startswith(_IN_STORE):
        return _in_store(digits, layouts)
    return Code(digits, kind, "0" + digits if kind == "upca" else digits)


def _in_store(digits: str, layouts: Sequence[Layout]) -> Code:
    for layout in layouts:
        found = layout.read(digits) if digits.startswith(layout.prefix) else None
        if found is not None:
            return found
    return Code(digits, "in_store", digits)


def _three(digit: int) -> int:
    return digit * 3


def _two_minus(digit: int) -> int:
    tens, units = divmod(digit * 2, 10)
    return units - tens


def _five_minus(digit: int) -> int:
    tens, units = divmod(digit * 5, 10)
    return units - tens


def _five_plus(digit: int) -> int:
    tens, units = divmod(digit * 5, 10)
    return units + tens
