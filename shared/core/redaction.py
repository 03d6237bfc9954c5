"""Takes the query out of every URL in telemetry before it is exported.

An address that is signed beforehand (the download of a report) lets anybody in who reads it, and a
nextLink holds a place and the names that were asked for. The libraries below us write them into
spans: kiota as `url.full`, instrumented httpx, requests and urllib as `url.full` or `http.url`, and
any of them into the text of an exception.
"""

import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span

HIDDEN = "REDACTED"
_QUERY = re.compile(r"(?<=[\w/=)\]:.'-])\?[^\s\"<>]+|(?<=://)[^\s/@]+@")
_BARE_QUERIES = frozenset({"url.query", "http.query"})
_URLS = frozenset({"url.full", "http.url", "http.target", "url.path"})
_IN_TEXT = re.compile(r"https?://[^\s\"<>]+")


def without_queries(text: str) -> str:
    """Return the text with the query and the user of each URL in it hidden."""
    return _IN_TEXT.sub(lambda found: _hidden(found[0]), text) if "://" in text else text


def _hidden(url: str) -> str:
    return _QUERY.sub(lambda found: f"?{HIDDEN}" if found[0][0] == "?" else f"{HIDDEN}@", url)


def _attributes(given: Mapping[str, object] | None) -> dict[str, object]:
    return {name: _value(name, value) for name, value in (given or {}).items()}


def _value(name: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if name in _BARE_QUERIES:
        return HIDDEN
    return _hidden(value) if name in _URLS else without_queries(value)


@cache
def redact_spans() -> None:
    """Let the provider that the worker has configured, if any, export no query. Once per worker."""
    if "opentelemetry.sdk.trace" not in sys.modules:
        return
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import get_tracer_provider

    provider = get_tracer_provider()
    if isinstance(provider, TracerProvider):
        add_redaction(provider)


def add_redaction(provider: object) -> None:
    """Let `provider`, a TracerProvider of the SDK, redact each span before any exporter sees it."""
    from opentelemetry.sdk.trace import Event, SpanProcessor, TracerProvider
    from opentelemetry.trace import Status

    class Redaction(SpanProcessor):
        """The hook is called for all processors before the first of them takes the span."""

        def _on_ending(self, span: "Span") -> None:
            # The attributes of a span that ends cannot be set any more: they are replaced.
            span._name = without_queries(span._name)
            span._attributes = _attributes(span._attributes)  # type: ignore[assignment]
            span._events = [
                Event(event.name, _attributes(event.attributes), event.timestamp)  # type: ignore[arg-type]
                for event in span._events
            ]
            status = span._status
            if status.description:
                told = without_queries(status.description)
                span._status = Status(status.status_code, told)

    if isinstance(provider, TracerProvider):
        provider.add_span_processor(Redaction())
