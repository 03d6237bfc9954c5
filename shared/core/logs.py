"""Structured logs: one JSON object a line, with the ids of the tenant, the run and the request.

Facts are ids, codes and counts: no secret ever, no personal data at INFO. The Functions worker
forwards what the standard library logs, so a line is an ordinary message of logger `kanri`.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

# Libraries that log URLs or each token request at INFO.
_NOISY = ("azure", "httpx", "httpcore", "msal", "kiota_http", "urllib3")

_logger = logging.getLogger("kanri")
_context: ContextVar[dict[str, object] | None] = ContextVar("kanri_log_context", default=None)


@cache
def configure_logs(level: str) -> None:
    """Set the level of our logger, and quieten the libraries; once per worker."""
    _logger.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, _logger.level))


@contextmanager
def log_context(**ids: object) -> Iterator[None]:
    """Add ids (`tenant`, `dataset`, `run`, `request`) to every line written inside the block."""
    known = {name: value for name, value in ids.items() if value is not None}
    token = _context.set({**(_context.get() or {}), **known})
    try:
        yield
    finally:
        _context.reset(token)


def log(event: str, /, *, level: int = logging.INFO, **facts: object) -> None:
    """Write one line: `event` names what happened, in snake case."""
    if _logger.isEnabledFor(level):
        line = {"event": event, **(_context.get() or {}), **facts}
        _logger.log(level, "%s", json.dumps(line, default=str, ensure_ascii=False))


def log_failure(event: str, error: BaseException, /, **facts: object) -> None:
    """Write one line at ERROR with the error's traceback below it."""
    line = {"event": event, **(_context.get() or {}), "error": type(error).__name__, **facts}
    _logger.error("%s", json.dumps(line, default=str, ensure_ascii=False), exc_info=error)
