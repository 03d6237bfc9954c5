"""The seam between Azure's HTTP binding and `shared.web`: converts, and decides nothing.

HTTP functions are coroutines: the worker's pool of threads serves whoever comes first, and liveness
would wait there behind the work. `shared.web.shares` divides threads of our own.
"""

from functools import cache
from typing import TYPE_CHECKING

from azure.functions import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from azure.functions import Out

    from shared.web.http import Request, Response
    from shared.web.route import Route
    from shared.web.shares import Shares


async def serve(
    route: "Route", request: HttpRequest, queue: "Out[str] | None" = None
) -> HttpResponse:
    """Answer `request` by `route`; messages of the answer go to the output binding `queue`."""
    from shared import wiring
    from shared.web.front import respond_in_turn

    wiring.logs()
    response = await respond_in_turn(route, _read(request), wiring.web_doors(), _shares)
    if queue is not None and response.messages:
        # The host sends one message for each element of a JSON array.
        queue.set(f"[{','.join(response.messages)}]")
    return _write(response)


@cache
def _shares() -> "Shares":
    from shared import wiring
    from shared.web.shares import Shares

    return Shares.of(wiring.settings().web_pool_size)


def _read(request: HttpRequest) -> "Request":
    from shared.web.http import Request

    return Request(
        method=request.method,
        url=request.url,
        query=dict(request.params),
        headers={name.lower(): value for name, value in request.headers.items()},
        route=dict(request.route_params),
        body=request.get_body() or b"",
    )


def _write(response: "Response") -> HttpResponse:
    media_type = response.headers.pop("Content-Type", "application/json")
    return HttpResponse(
        response.body, status_code=response.status, headers=response.headers, mimetype=media_type
    )
