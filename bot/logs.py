"""Structured logs: fixed event names and our own ids, a JSON line each; never what was said or by whom."""

from __future__ import annotations

import logging
import re
import sys
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
