"""Builds the first URL and the headers of a collector's reads; later pages follow links verbatim."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from urllib.parse import quote

import msgspec

from shared.core import clock
from shared.core.collector import ASKED, Bounds, Collector, Since
from shared.core.collector.part import filled, instant
from shared.core.rows import Parent
from shared.graph.adapter import Headers

# Characters OData uses in option values and servers take unescaped.
_PLAIN = "$,/()'=:@."
_NONE: Mapping[str, str] = MappingProxyType({})


def first_url(endpoint: str, collector: Collector) -> str:
    """Return the URL that a read of everything starts with."""
    return f"{_root(endpoint, collector)}/{collector.ask.path}{_query(collector)}"


def usage_url(endpoint: str, collector: Collector, asked: str | None = None) -> str:
    """Return the URL of a usage report for a period or day; if none is told, the usual period."""
    asked = asked or collector.extent.periods[0]
    path = collector.ask.path.replace("{period}", asked).replace(ASKED, asked)
    return f"{_root(endpoint, collector)}/{path}"


def window_url(
    endpoint: str, collector: Collector, since: datetime, until: datetime | None = None
) -> str:
    """Return the URL for what is newer than `since`, in slices up to `until`.

    TypeError if that is not how it is read.
    """
    ask = collector.ask
    if ask.bounds is not None:
        told = dict(zip(ask.bounds, map(instant, (since, until or clock.now())), strict=True))
        query = _query(collector, more=told)
    else:
        condition = Since.of(collector).condition(since, until)
        query = _query(collector, "" if ask.body else condition)
    return f"{_root(endpoint, collector)}/{collector.ask.path}{query}"


def posted(collector: Collector, bounds: Bounds | None = None) -> bytes | None:
    """Return the JSON that a question is posted with, None if it is asked by its address."""
    body = collector.ask.body
    return msgspec.json.encode(filled(body, bounds)) if body else None


def job_url(endpoint: str, collector: Collector, path: str, job: str = "") -> str:
    """Return the URL of a path of a job (see `Job`), with the options that it says itself."""
    return f"{_root(endpoint, collector)}/{path.replace('{job}', quote(job, safe=''))}"


def job_rows_url(endpoint: str, collector: Collector, job: str, result: str | None = None) -> str:
    """Return the URL of the rows of a job that is done; `result` is the id of what it made."""
    path = collector.ask.path.replace("{result}", quote(result or "", safe=""))
    return f"{job_url(endpoint, collector, path, job)}{_query(collector)}"


def child_path(endpoint: str, collector: Collector, parent: Parent) -> str:
    """Return the path below one parent, as `$batch` wants it: no version.

    Of a parent with a link it is the link's.
    """
    if parent.link is not None:
        return parent.link.removeprefix(_root(endpoint, collector))
    path = collector.ask.path.replace("{id}", quote(parent.id, safe=""))
    for name in collector.of_parent:
        value = parent.columns.get(name) or ""
        # OData doubles a quote within quotes, as in the address of an O'Brien.
        doubled = quote(value.replace("'", "''"), safe="!")
        path = path.replace(f"'{{{name}}}'", f"'{doubled}'")
        path = path.replace(f"{{{name}}}", quote(value, safe="!"))
    return f"/{path}{_query(collector)}"


def headers_of(collector: Collector) -> Headers:
    """Return the headers that each page needs again: they are not part of a nextLink."""
    ask = collector.ask
    if ask.page_size is None:
        return ask.headers
    return (*ask.headers, ("Prefer", f"odata.maxpagesize={ask.page_size}"))


def fingerprint(collector: Collector) -> str:
    """Return 16 characters that change with what is asked for, and not with the size of its pages.

    A saved link goes on with the question it was made for, whatever is asked today.
    """
    return sha256(repr(collector.question).encode()).hexdigest()[:16]


def _root(endpoint: str, collector: Collector) -> str:
    return f"{endpoint}/{collector.ask.version}"


def _query(collector: Collector, condition: str = "", more: Mapping[str, str] = _NONE) -> str:
    ask = collector.ask
    options = {
        **more,
        "$select": ",".join(collector.select),
        "$expand": ",".join(ask.expand),
        "$filter": " and ".join(filter(None, (condition, ask.filter))),
        "$top": "" if ask.top is None else str(ask.top),
    }
    pairs = [f"{name}={quote(value, safe=_PLAIN)}" for name, value in options.items() if value]
    return f"?{'&'.join(pairs)}" if pairs else ""
