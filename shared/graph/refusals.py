"""Turns what Graph answers instead of data into the errors of the core.

https://learn.microsoft.com/en-us/graph/errors: branch on status and code, never on the message.
The one exception are licences: several services say them in the message only. Each says in its file of
`shared/graph/services` how; what any may say is here.
"""

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from math import isnan
from typing import Any

from shared.core import clock
from shared.core.errors import (
    DeltaExpired,
    GraphError,
    GraphUnavailable,
    KanriError,
    MalformedAnswer,
    NotLicensed,
    NotPermitted,
    Throttled,
)
from shared.core.registry import of
from shared.core.throttling import SERVICES, NotBought

# https://learn.microsoft.com/en-us/graph/delta-query-overview#synchronization-reset
_RESYNC = frozenset({"syncstatenotfound", "resyncrequired", "directory_expiredpagetoken"})
# Whole words: a missing permission may be called LicenseAssignment.Read.All.
_LICENCE_WORDS = re.compile(r"\b(?:un)?licen[cs]e[ds]?\b|\bpremium\b", re.IGNORECASE)
# What may be shown of an answer: a code or an id. Anything else may hold an address or a name.
_TOKEN = re.compile(r"[\w.:-]{1,80}", re.ASCII)
# A wait beyond this is a mistake; times beyond the year 9999 would be one of ours.
_LONGEST_WAIT = 86_400.0


def status_class(status: int) -> str:
    """Return `2xx`, `4xx` and the like; `429` stands alone because it is nobody's fault."""
    return "429" if status == 429 else f"{status // 100}xx"


def status_of(error: KanriError) -> str:
    """Return the class of answer that became `error`, as metric kanri.graph.requests counts it.

    `network` when there was none, `token` when Entra gave no token and nothing was sent.
    """
    status = error.params.get("status")
    if isinstance(status, int):
        return status_class(status)
    if isinstance(error, MalformedAnswer):
        return "2xx"
    return "network" if isinstance(error, GraphUnavailable) else "token"


def refusal(
    status: int,
    code: str,
    message: str,
    *,
    request_id: str = "",
    retry_after: float | None = None,
    backoff: float = 0.0,
) -> KanriError:
    """Return the error for one refused request, a whole one or an item of a batch.

    `retry_after` is what Graph asked for; `backoff` our own wait where it asked for nothing.
    """
    facts: dict[str, Any] = {
        "status": status,
        "graph_code": code if _TOKEN.fullmatch(code) else "-",
        "request": request_id if _TOKEN.fullmatch(request_id) else "-",
    }
    lowered = code.lower()
    if status == 429:
        return Throttled("graph_throttled", retry_after=_wait(retry_after, backoff), **facts)
    if status == 408 or (status >= 500 and status != 501):
        if retry_after is not None:
            return Throttled("graph_busy", retry_after=retry_after, **facts)
        return GraphUnavailable("graph_unavailable", **facts)
    if status == 410 or lowered in _RESYNC:
        return DeltaExpired("graph_delta_expired", **facts)
    words = status == 403 and _LICENCE_WORDS.search(message)
    if words or any(one.is_told_by(status, code, message) for one in _not_bought()):
        return NotLicensed("graph_not_licensed", **facts)
    if status == 401:
        return NotPermitted("graph_unauthorized", **facts)
    if status == 403:
        return NotPermitted("graph_not_permitted", **facts)
    return GraphError("graph_refused", **facts)


@cache
def _not_bought() -> tuple[NotBought, ...]:
    """Return how services say it, all of them: one answers on the way to another."""
    return tuple(one for service in of(SERVICES).values() for one in service.not_bought)


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, given as seconds or as an HTTP date; a day at most."""
    lowered = {key.lower(): value for key, value in headers.items()}
    value = lowered.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        seconds = (at.replace(tzinfo=at.tzinfo or UTC) - clock.now()).total_seconds()
    return None if isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT)


def _wait(retry_after: float | None, backoff: float) -> float:
    return backoff if retry_after is None else retry_after
