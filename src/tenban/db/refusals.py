"""What the database will not hold, told as the mistake of whoever sent it."""

from __future__ import annotations

from sqlalchemy.exc import DataError

from tenban.base.errors import BadInput


def told(error: DataError) -> BadInput:
    """Return the refusal of a value, such as a text with NUL in PostgreSQL, or a number beyond 64 bits."""
    refusal = BadInput(
        "value", expected="text without NUL, and numbers of at most 64 bits", came="something else"
    )
    refusal.__cause__ = error
    return refusal
