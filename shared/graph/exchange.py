"""What the client tells the transport about the request that passes through the SDK between them."""

from contextvars import ContextVar
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(slots=True)
class Exchange:
    """One request. `download` lets it be redirected away from Graph.

    Filled in by the transport, from Graph's own answer: `units`, the resource units it cost, and
    `share`, how much of the limit is used (1 is all of it), where Graph says so.
    """

    download: bool = False
    units: float | None = None
    share: float | None = None


EXCHANGE: ContextVar[Exchange | None] = ContextVar("kanri_graph_exchange", default=None)


def origin_of(url: str) -> tuple[str, str]:
    """Return scheme and host with port, the default port left out. ValueError if it is no URL."""
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower().removesuffix(":443")
