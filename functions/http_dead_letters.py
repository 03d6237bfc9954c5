"""GET v1/dead-letters: queue messages that were given up on."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.dead_letters import LIST

blueprint = Blueprint()


@blueprint.route(
    route=LIST.path,
    methods=[LIST.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_dead_letters(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(LIST, request)
