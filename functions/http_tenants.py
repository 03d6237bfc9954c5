"""GET v1/tenants: the tenants that the caller may see."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.tenants import LIST

blueprint = Blueprint()


@blueprint.route(
    route=LIST.path,
    methods=[LIST.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_tenants(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(LIST, request)
