"""Structured log lines: JSON where a machine reads them, colours where a person does."""

from __future__ import annotations

import logging
import sys

import structlog


class _StandardError:
    """Whatever standard error is when a line is written: a test's, say, that is closed afterwards."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def set_up_log(*, process: str, level: str = "info") -> None:
    """Send log lines to standard error, marked with the name of this process."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    human = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if human else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.PrintLoggerFactory(file=_StandardError()),  # type: ignore[arg-type]  # its two methods
    )
    structlog.contextvars.bind_contextvars(process=process)


def get_log(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger that carries the module's name."""
    log: structlog.stdlib.BoundLogger = structlog.get_logger(module=name)
    return log
