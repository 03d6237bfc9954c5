"""What the client tells the transport about the request that passes through the SDK between them."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared.core.telemetry import Metric

if TYPE_CHECKING:
    from shared.graph.incoming import Incoming

GRAPH_REQUESTS = Metric(
    name="kanri.graph.requests",
    kind="counter",
    unit="{request}",
    description="Requests to Microsoft Graph, items of batches too; status is 2xx, 4xx, 429, 5xx, "
    "network (no answer) or token (Entra refused).",
    dimensions=("service", "status"),
)

_LARGEST = 1e6  # a header with a larger number is a mistake


@dataclass(slots=True)
class Exchange:
    """One request and what became of it.

    `writes` allows any success, not only a 200; `incoming` takes the body of a download, which may
    be redirected away from Graph.
    The transport fills in, of Graph's own answer: `sent`, whether the request may have reached it;
    `status` and `headers` of its last answer; `units`, the resource units that it cost, and `share`,
    how much of the limit is used (1 is all of it), where Graph says so.
    """

    writes: bool = False
    incoming: "Incoming | None" = None
    sent: bool = False
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    units: float | None = None
    share: float | None = None

    def note(self, status: int, headers: Mapping[str, str]) -> None:
        """Keep an answer and what it says of the cost; `headers` by lower-case name.

        https://learn.microsoft.com/en-us/graph/throttling-limits#regular-responses-requests
        """
        self.status, self.headers = status, headers
        self.units = _positive(headers.get("x-ms-resource-unit"))
        self.share = _positive(headers.get("x-ms-throttle-limit-percentage"))

    @property
    def write_limit(self) -> bool:
        """Whether a 429 is about what changes something alone: reads may go on.

        https://learn.microsoft.com/en-us/graph/throttling-limits#throttled-responses-requests
        """
        return self.headers.get("x-ms-throttle-scope", "").partition("/")[2].startswith("Write/")


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
