"""The seam between Azure's HTTP binding and `shared.web`: converts, and decides nothing."""

from typing import TYPE_CHECKING, cast

from azure.functions import HttpRequest, HttpResponse

if TYPE_CHECKING:
    from azure.functions import Out

    from shared.web.http import Request, Response
    from shared.web.route import Route


def serve(route: "Route", request: HttpRequest, queue: "Out[str] | None" = None) -> HttpResponse:
    """Answer `request` by `route`; messages of the answer go to the output binding `queue`."""
    from shared import wiring
    from shared.web.front import respond_in_one_piece

    wiring.logs()
    # The classic binding takes one piece; it arrives compressed if the client takes gzip.
    response = respond_in_one_piece(route, _read(request), wiring)
    if queue is not None and response.messages:
        # The host sends one message for each element of a JSON array.
        queue.set(f"[{','.join(response.messages)}]")
    return _write(response)


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
    body = cast("bytes", response.body)
    return HttpResponse(
        body, status_code=response.status, headers=response.headers, mimetype=media_type
    )
