"""What the client tells the transport about the request that passes through the SDK between them."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit

_LARGEST = 1e6  # a header with a larger number is a mistake


@dataclass(slots=True)
class Exchange:
    """One request. `download` lets it be redirected away from Graph.

    Filled in by the transport, from Graph's own answer: `units`, the resource units it cost, and
    `share`, how much of the limit is used (1 is all of it), where Graph says so.
    """

    download: bool = False
    units: float | None = None
    share: float | None = None

    def note(self, headers: Mapping[str, str]) -> None:
        """Keep what Graph says of the cost; `headers` by lower-case name.

        https://learn.microsoft.com/en-us/graph/throttling-limits#regular-responses-requests
        """
        self.units = _positive(headers.get("x-ms-resource-unit"))
        self.share = _positive(headers.get("x-ms-throttle-limit-percentage"))


EXCHANGE: ContextVar[Exchange | None] = ContextVar("kanri_graph_exchange", default=None)


def origin_of(url: str) -> tuple[str, str]:
    """Return scheme and host with port, the default port left out. ValueError if it is no URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower().removesuffix(":443")


def _positive(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if 0 < number < _LARGEST else None
