"""Spans of time."""

from __future__ import annotations

from dataclasses import dataclass

from tenban.base.clock import SECOND, Instant


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open span ``[start_at, end_at)``.

    Raises:
        ValueError: the end lies before the start.
    """

    start_at: Instant
    end_at: Instant

    def __post_init__(self) -> None:
        if self.end_at < self.start_at:
            raise ValueError(f"expected an end at or after the start {self.start_at}, got {self.end_at}")

    @property
    def length_s(self) -> float:
        """Length in seconds."""
        return (self.end_at - self.start_at) / SECOND

    def holds(self, at: Instant) -> bool:
        """Tell whether the instant lies in the span."""
        return self.start_at <= at < self.end_at

    def meets(self, other: Span) -> bool:
        """Tell whether the spans share at least one instant."""
        return self.start_at < other.end_at and other.start_at < self.end_at
