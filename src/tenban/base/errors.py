"""What may go wrong, in words a person can act on.

Every error says what was expected and what came. ``code`` is stable and goes to API clients.
"""

from __future__ import annotations


class TenbanError(Exception):
    """Anything Tenban refuses or fails at on purpose.

    Attributes:
        told: the same in ja and en for the person at a screen; None where the message is all there is.
    """

    code = "error"
    told: dict[str, str] | None = None


class BadInput(TenbanError):  # noqa: N818  # reads as what happened: raise BadInput
    """Something from outside is not as it must be.

    Args:
        where: the file, key, field or argument.
        expected: what would have been right.
        came: what came instead.
    """

    code = "bad_input"

    def __init__(self, where: str, *, expected: str, came: object) -> None:
        self.where = where
        self.expected = expected
        self.came = came
        # The system's own words, without its number and the path that is told already.
        said = getattr(came, "strerror", None) or came
        super().__init__(f"{where}: expected {expected}, got {said}")


class NotFound(TenbanError):  # noqa: N818
    """There is no such thing, or the actor may not know that there is."""

    code = "not_found"


class NotSignedIn(TenbanError):  # noqa: N818
    """Nobody, or nobody known, is asking."""

    code = "not_signed_in"


class Forbidden(TenbanError):  # noqa: N818
    """The actor is known and may not do this."""

    code = "forbidden"


class Conflict(TenbanError):  # noqa: N818
    """The thing is not in a state in which this can be done."""

    code = "conflict"


class TooMany(TenbanError):  # noqa: N818
    """Asked too often; waiting helps."""

    code = "too_many"


class Unavailable(TenbanError):  # noqa: N818
    """Something Tenban depends on does not answer; trying again later may help."""

    code = "unavailable"


class TooLarge(TenbanError):  # noqa: N818
    """What came is larger than what is taken."""

    code = "too_large"
