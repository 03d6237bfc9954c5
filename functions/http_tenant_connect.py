"""POST v1/tenants: connects a tenant and checks its consent."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.tenants import CONNECT

blueprint = Blueprint()


@blueprint.route(
    route=CONNECT.path,
    methods=[CONNECT.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_tenant_connect(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(CONNECT, request)
