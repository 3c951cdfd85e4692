"""Log lines with an allow-list of fields: time, level, logger, event, id and code; of an exception only its type."""

from __future__ import annotations

import logging
import time
from traceback import format_exception

FIELDS = ("id", "code")


class Plain(logging.Formatter):
    """Writes one line, in UTC; whole tracebacks only with `trace`, for development."""

    def __init__(self, *, trace: bool = False) -> None:
        super().__init__()
        self.converter = time.gmtime
        self.trace = trace

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Arguments are never filled in: they may be what somebody typed."""
        allowed = [f"{name}={record.__dict__[name]}" for name in FIELDS if name in record.__dict__]
        when = self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ")
        event = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        line = " ".join([when, record.levelname, record.name, event.replace("\n", " "), *allowed])
        return line + self._about(record)

    def _about(self, record: logging.LogRecord) -> str:
        kind, error, trace = record.exc_info or (None, None, None)
        if not kind:
            return ""
        return "\n" + "".join(format_exception(kind, error, trace)) if self.trace else f" {kind.__name__}"
