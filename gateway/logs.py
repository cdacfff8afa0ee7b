"""Logs: one line an event, for a terminal or as JSON for a collector. They hold ids, codes and figures, no personal data.

Everything goes to standard error through one formatter, the standard library's loggers of the libraries too. Of an exception
from the database or of a library only its type and where it happened are logged: its words may hold what a customer wrote.

Not here: the audit trail (case_store/audit.py), which is kept for years and does hold what was said.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Literal

import structlog

from gateway.masking import masked

# too talkative, or with addresses in every line
QUIET: Final = ("aiohttp.access", "mail.log", "asyncio", "sqlalchemy", "alembic")


def set_up_logs(form: Literal["console", "json"] = "console", level: str = "info") -> None:
    """Installs the one way out for everything that logs."""
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        without_words,
        without_numbers,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_logger_name,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *before],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_words(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Puts type and place of an exception where its words and the values around it would stand."""
    told = event.pop("exc_info", None)
    error = sys.exc_info()[1] if told is True else told[1] if isinstance(told, tuple) else told
    if isinstance(error, BaseException):
        chain: list[str] = []
        while error is not None and len(chain) < 5:
            frames = traceback.extract_tb(error.__traceback__)[-6:]
            where = " < ".join(f"{frame.name}:{_short(frame.filename)}:{frame.lineno}" for frame in reversed(frames))
            chain.append(f"{type(error).__module__}.{type(error).__qualname__} at {where or 'nowhere'}")
            error = error.__cause__ or error.__context__
        event["exception_type"] = chain
    return event


def without_numbers(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Masks what is personal in every text of a line, also of a library that quotes what it was given. Never stops a line from being logged."""
    for name, value in event.items():
        if name not in ("timestamp", "level", "logger") and not name.startswith("_"):
            try:
                event[name] = _masked(value, 0)
            except Exception as error:  # what can't be told in words is not told, and the line is
                event[name] = f"({type(value).__name__} that can't be shown: {type(error).__name__})"
    return event


_DEEP: Final = 4


def _masked(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return masked(value)
    if depth < _DEEP and isinstance(value, Mapping):
        return {name: _masked(one, depth + 1) for name, one in value.items()}
    if depth < _DEEP and isinstance(value, list | tuple | set | frozenset):
        return [_masked(one, depth + 1) for one in value]
    if value is None or isinstance(value, bool | int | float):
        return (
            value
            if not isinstance(value, int) or isinstance(value, bool) or abs(value) < _LONG
            else _masked_number(value)
        )
    return masked(str(value))


_LONG: Final = 10**10


def _masked_number(value: int) -> int | str:
    shown = masked(str(value))
    return value if shown == str(value) else shown


def _short(path: str) -> str:
    return "/".join(path.split("/")[-2:])


def on_loop_error(_loop: Any, context: Mapping[str, Any]) -> None:
    """For `loop.set_exception_handler`: asyncio's own would print the exception's words."""
    log = structlog.get_logger(__name__)
    log.error("task_failed", exc_info=context.get("exception") or False)
