"""Structured logs: fixed event names and our own ids, a JSON line each; never what was said or by whom."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

# What a mistake might let through: LINE ids, reply tokens and anything long enough to be a sentence.
LINE_ID = re.compile(r"[UCR][0-9a-f]{32}")
LONGEST = 120


def configure(level: str) -> None:
    """Every library's records go the same way as ours. Tracebacks are cut to class names: their text may quote."""
    shared: list[Processor] = [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.add_log_level,
        _redact,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for noisy in ("alembic", "apscheduler", "urllib3", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    info = entry.pop("exc_info", None)
    if info:
        kind = (
            info[0]
            if isinstance(info, tuple)
            else type(info)
            if isinstance(info, BaseException)
            else sys.exc_info()[0]
        )
        entry["error"] = getattr(kind, "__name__", "unknown")
    entry.pop("stack_info", None)
    for name, value in entry.items():
        if isinstance(value, str):
            entry[name] = LINE_ID.sub("(line id)", value)[:LONGEST]
    return entry


class Complaint:
    """A fault that goes on is said when it begins or changes, then once a minute, and once when it is over."""

    def __init__(self, log: Any, event: str, every: float = 60.0) -> None:
        self._log, self._event, self._every = log, event, every
        self._error: str | None = None
        self._said_at = 0.0
        self._since = 0

    def failed(self, error: Exception) -> None:
        """It went wrong once more."""
        name, now = type(error).__name__, time.monotonic()
        self._since += 1
        if name != self._error or now - self._said_at >= self._every:
            self._log.error(self._event, error=name, times=self._since)
            self._error, self._said_at, self._since = name, now, 0

    def went_well(self) -> None:
        """It works, perhaps again."""
        if self._error is not None:
            self._log.info(f"{self._event}_no_more", times=self._since)
            self._error, self._since = None, 0
