"""GET openapi.json: the description of this API."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.openapi import DESCRIBE

blueprint = Blueprint()


@blueprint.route(
    route=DESCRIBE.path,
    methods=[DESCRIBE.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_openapi(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(DESCRIBE, request)
