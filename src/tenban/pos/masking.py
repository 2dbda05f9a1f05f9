"""Card numbers (PAN) leave no trace but their last four digits.

PCI DSS 4.0, requirement 3.4.1, allows a screen at most the first six and last four digits; we keep the last
four. A card number has 13 to 19 digits (ISO/IEC 7812-1) and a Luhn check digit; people write it
with spaces, dashes or full-width digits. What is looked for in text:

1. any run of whole digit groups with 13 to 19 digits together that passes Luhn, whoever issued it;
2. within longer runs, at any digit: a number whose first digits and length are those of a card brand and
   that passes Luhn.

A JAN code or a time stamp in *text* passes Luhn one time in ten and is then cut too: losing digits of
a note is the cheaper mistake. Fields that are no text (codes, identifiers) have rules of their own below.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

SHORTEST, LONGEST = 13, 19
MARK = "…"

_GAP = r"[\s\-‐-―−ー－ｰ–—._·•\u00ad\u200b-\u200d\u2060\ufeff]{0,3}"
_CANDIDATE = re.compile(rf"\d(?:{_GAP}\d){{{SHORTEST - 1},}}")
_GROUP = re.compile(r"\d+")

_BRANDS = re.compile(
    r"(?:4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|35(?:2[89]|[3-8]\d)\d{12,15}"  # JCB
    r"|3(?:0[0-5]|09|6\d|[89]\d)\d{11,16}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12,15}"  # Discover
    r"|(?:62|81)\d{14,17}"  # UnionPay
    r"|(?:50|5[6-8]|6\d)\d{11,17})"  # Maestro
)


def passes_luhn(digits: str) -> bool:
    """Tell whether decimal digits pass the Luhn check (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit)
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def mask_text(text: str) -> str:
    """Return the text with every card number cut to ``…`` and its last four digits.

    Masking a masked text changes nothing.
    """
    while len(text) >= SHORTEST and (match := _first_number(text)) is not None:
        start, end, last_four = match
        text = f"{text[:start]}{MARK}{last_four}{text[end:]}"
    return text


def mask_code(text: str) -> str:
    """Return an article code, masked where it is too long to be one (GTIN has at most 14 digits)."""
    return text if len(text) <= 14 else mask_text(text)


def mask_identifier(text: str) -> str:
    """Return an identifier; one that is wholly a card number becomes a stand-in.

    The same number gives the same stand-in, so that the events of one sale still find each other. It
    holds 24 bits of a digest: thousands of card numbers share each.
    """
    digits = "".join(str(int(sign)) for sign in text if sign.isdecimal())
    if len(digits) < SHORTEST or re.fullmatch(rf"\d(?:{_GAP}\d)*", text) is None:
        return text
    if re.fullmatch(_BRANDS, digits) is None or not passes_luhn(digits):
        return text
    return f"masked-{hashlib.sha256(digits.encode()).hexdigest()[:6]}-{digits[-4:]}"


def last_four(text: str) -> str | None:
    """Return ``…1234`` of whatever a ``card`` field holds; None where it has no digit."""
    digits = "".join(str(int(sign)) for sign in text if sign.isdecimal())
    return MARK + digits[-4:] if digits else None


def mask_json(value: Any) -> Any:
    """Return JSON with every text, every key and every long whole number masked."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, dict):
        return {mask_text(key): mask_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [mask_json(inner) for inner in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = repr(value) if isinstance(value, int) else format(value, "f")
        masked = mask_text(text)
        return value if masked == text else masked
    return value


def _first_number(text: str) -> tuple[int, int, str] | None:
    """Return where the first card number starts and ends, and its last four digits."""
    for candidate in _CANDIDATE.finditer(text):
        places = [at for at in range(*candidate.span()) if text[at].isdecimal()]
        digits = "".join(str(int(text[at])) for at in places)
        found = _of_whole_groups(candidate.group(), digits) or _of_a_brand(digits)
        if found is not None:
            first, last = found
            return places[first], places[last - 1] + 1, digits[last - 4 : last]
    return None


def _of_whole_groups(run: str, digits: str) -> tuple[int, int] | None:
    starts, ends, count = [], [], 0
    for group in _GROUP.finditer(run):
        starts.append(count)
        count += len(group.group())
        ends.append(count)
    for start in starts:
        for end in reversed(ends):
            if SHORTEST <= end - start <= LONGEST and passes_luhn(digits[start:end]):
                return start, end
    return None


def _of_a_brand(digits: str) -> tuple[int, int] | None:
    """Return the first number of a brand, widened by every other that overlaps it.

    Cutting the first alone could leave most of a second one that begins inside it.
    """
    first, last = 0, 0
    for start in range(len(digits) - SHORTEST + 1):
        if last and start >= last:
            break
        for length in range(LONGEST, SHORTEST - 1, -1):
            number = digits[start : start + length]
            if len(number) == length and _BRANDS.fullmatch(number) and passes_luhn(number):
                first, last = (first, max(last, start + length)) if last else (start, start + length)
                break
    return (first, last) if last else None
