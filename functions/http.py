"""Every HTTP function, registered from the endpoints of `shared.web.resources`: no file has one alone.

Here is the seam between Azure's HTTP binding and `shared.web`: it converts, and decides nothing.
A route, its handler and the doors are imported with the first request, not when the app is indexed.

HTTP functions are coroutines: the worker's pool of threads serves whoever comes first, and liveness
would wait there behind the work. `shared.web.shares` divides threads of our own.
"""

from collections.abc import Awaitable, Callable
from functools import cache
from inspect import Parameter, Signature
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from azure.functions import AuthLevel, Blueprint, HttpMethod, HttpRequest, HttpResponse, Out
from azure.functions.decorators.http import HttpOutput, HttpTrigger

from shared.web.endpoint import Endpoint, endpoints

if TYPE_CHECKING:
    from shared.web.http import Request, Response
    from shared.web.shares import Shares

type Function = Callable[..., Awaitable[HttpResponse]]


def _blueprint() -> Blueprint:
    blueprint, answer = Blueprint(), HttpOutput(name="$return")
    for endpoint in endpoints():
        function = _function(endpoint)
        for queue in endpoint.queues:
            function = blueprint.queue_output(
                arg_name=_argument(queue), queue_name=queue, connection="AzureWebJobsStorage"
            )(function)
        # What `Blueprint.route` does, but that all functions share one binding of what they return: to make
        # a binding is to inspect its class, four times a function.
        builder = blueprint.http_type("function")(function)
        trigger = HttpTrigger(
            name="request",
            methods=[HttpMethod[endpoint.method]],
            auth_level=AuthLevel.ANONYMOUS,
            route=endpoint.route,
        )
        builder.add_trigger(trigger).add_binding(answer)
    return blueprint


def _function(endpoint: Endpoint) -> Function:
    async def answer(request: HttpRequest, **outputs: Out[str]) -> HttpResponse:
        response = await _respond(endpoint, request)
        for queue in endpoint.queues if response.messages else ():
            from shared.usecases.dispatch import bodies

            if own := bodies(response.messages, queue):
                outputs[_argument(queue)].set(own)
        return _write(response)

    # The name of the function in Azure is that of the Python function, and the worker compares its
    # arguments with the bindings: each queue is one of them.
    answer.__name__ = answer.__qualname__ = endpoint.function
    answer.__signature__ = signature = _signature(endpoint.queues)  # type: ignore[attr-defined]
    arguments = {name: one.annotation for name, one in signature.parameters.items()}
    answer.__annotations__ = {**arguments, "return": HttpResponse}
    return answer


@cache
def _signature(queues: tuple[str, ...]) -> Signature:
    arguments = {"request": HttpRequest, **dict.fromkeys(map(_argument, queues), Out[str])}
    return Signature(
        [Parameter(name, Parameter.KEYWORD_ONLY, annotation=of) for name, of in arguments.items()],
        return_annotation=HttpResponse,
    )


def _argument(queue: str) -> str:
    return queue.replace("-", "_")


async def _respond(endpoint: Endpoint, request: HttpRequest) -> "Response":
    from shared import wiring
    from shared.web.front import respond_in_turn
    from shared.web.routes import route_at

    wiring.logs()
    return await respond_in_turn(route_at(endpoint), _read(request), wiring.web_doors(), _shares)


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
        query=_query(request),
        headers={name.lower(): value for name, value in request.headers.items()},
        route=dict(request.route_params),
        body=request.get_body() or b"",
    )


def _query(request: HttpRequest) -> dict[str, str]:
    """Return the query, with what is named without a value: the host leaves that out.

    It would be answered as if it had not been asked for, `asOf=` with what is so today.
    """
    named = parse_qsl(request.url.partition("?")[2], keep_blank_values=True)
    return dict(named) | dict(request.params)


def _write(response: "Response") -> HttpResponse:
    media_type = response.headers.pop("Content-Type", "application/json")
    return HttpResponse(
        response.body, status_code=response.status, headers=response.headers, mimetype=media_type
    )


blueprint = _blueprint()
