"""GET v1/keys: the API keys, without their text."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.keys import LIST

blueprint = Blueprint()


@blueprint.route(
    route=LIST.path,
    methods=[LIST.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_keys(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(LIST, request)
