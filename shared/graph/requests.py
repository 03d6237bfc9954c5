"""Builds the first URL and the headers of a collector's reads; later pages follow links verbatim."""

from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

from shared.core.collector import Collector, Delta, FanOut, Pages, UsageCsv, Window
from shared.graph.client import Headers

_ASKED = ("select", "expand", "filter", "headers", "property", "parent", "period")

# Characters OData uses in option values and servers take unescaped.
_PLAIN = "$,/()'=:@."


def first_url(endpoint: str, collector: Collector) -> str:
    """Return the URL that a read of `collector` starts with. For windows see `window_url`."""
    mode = collector.mode
    path = f"{endpoint}/{collector.version}/{collector.request}"
    match mode:
        case Delta():
            return path + _query(select=mode.select)
        case Pages():
            return path + _query(
                select=mode.select, expand=mode.expand, filter=mode.filter, top=mode.top
            )
        case UsageCsv():
            return f"{path}(period='{mode.period}')"
        case Window() | FanOut():
            raise TypeError(f"{collector.dataset} needs more than its declaration for a URL")


def window_url(endpoint: str, collector: Collector, since: datetime) -> str:
    """Return the URL for the events of a `Window` collector from `since` on.

    No upper bound: Graph's clock and ours may differ, and the newest come first anyway.
    """
    mode = collector.mode
    if not isinstance(mode, Window):
        raise TypeError(f"{collector.dataset} is not read by windows")
    condition = f"{mode.property} ge {_instant(since)}"
    query = _query(select=mode.select, filter=condition, top=mode.top)
    return f"{endpoint}/{collector.version}/{collector.request}{query}"


def child_path(collector: Collector, parent: str) -> str:
    """Return the path below one parent of a `FanOut` collector, as `$batch` wants it: no version."""
    mode = collector.mode
    if not isinstance(mode, FanOut):
        raise TypeError(f"{collector.dataset} is not read per parent")
    request = collector.request.replace("{id}", quote(parent, safe=""))
    return f"/{request}{_query(select=mode.select, top=mode.top)}"


def headers_of(collector: Collector) -> Headers:
    """Return the headers that each page needs again: they are not part of a nextLink."""
    match collector.mode:
        case Delta(page_size=size):
            return (("Prefer", f"odata.maxpagesize={size}"),)
        case Pages(page_size=int(size), headers=headers):
            return (*headers, ("Prefer", f"odata.maxpagesize={size}"))
        case Pages(headers=headers):
            return headers
        case _:
            return ()


def fingerprint(collector: Collector) -> str:
    """Return 16 characters that change with what is asked for, and not with the size of its pages.

    A saved link goes on with the question it was made for, whatever is asked today.
    """
    mode = collector.mode
    asked = [(name, getattr(mode, name)) for name in _ASKED if hasattr(mode, name)]
    whole = (collector.version, collector.request, type(mode).__name__, asked)
    return sha256(repr(whole).encode()).hexdigest()[:16]


def _query(
    select: tuple[str, ...] = (),
    expand: tuple[str, ...] = (),
    filter: str | None = None,  # noqa: A002 - the OData name
    top: int | None = None,
) -> str:
    options = {
        "$select": ",".join(select),
        "$expand": ",".join(expand),
        "$filter": filter or "",
        "$top": "" if top is None else str(top),
    }
    pairs = [f"{name}={quote(value, safe=_PLAIN)}" for name, value in options.items() if value]
    return f"?{'&'.join(pairs)}" if pairs else ""


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
