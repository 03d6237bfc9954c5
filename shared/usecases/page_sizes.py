"""Asks for smaller pages where Graph cannot make large ones in time, and for larger ones again later."""

from copy import replace
from datetime import datetime, timedelta

from shared.core.collector import Collector
from shared.core.errors import GraphError, GraphUnavailable

_SMALLEST = 25
_GROWS_AFTER = timedelta(days=1)
_TIMEOUTS = (408, 504)


def page_size(collector: Collector) -> int | None:
    """Return how many objects a page is asked to have; None where Graph decides.

    Below parents a page that is late is the trouble of one of them, and holds up no other.
    """
    return collector.ask.size if collector.parent is None else None


def resized(collector: Collector, size: int) -> Collector:
    """Return the collector with pages of `size`."""
    return replace(collector, ask=collector.ask.sized(size))


def smaller(collector: Collector, error: GraphError) -> int | None:
    """Return half the page size if `error` says that a page took too long, None if that is no help."""
    size = page_size(collector)
    if size is None or size // 2 < _SMALLEST or not isinstance(error, GraphUnavailable):
        return None
    late = error.params.get("status") in _TIMEOUTS or error.params.get("reason") == "ReadTimeout"
    return size // 2 if late else None


def size_today(
    collector: Collector, size: object, since: object, now: datetime
) -> tuple[int, datetime] | None:
    """Return the page size to go on with and since when it counts; None for the declared one.

    `size` and `since` are what was saved when pages had become too big. A size is doubled after a
    day: if that is too much, one page a day says so.
    """
    declared = page_size(collector)
    if not isinstance(size, int) or not isinstance(since, str) or declared is None:
        return None
    began = datetime.fromisoformat(since)
    if now - began >= _GROWS_AFTER:
        size, began = size * 2, now
    return None if size >= declared else (size, began)
