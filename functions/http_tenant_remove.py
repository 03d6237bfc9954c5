"""DELETE v1/tenants/{tenant}: removes a tenant, on request with its data."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.tenants import REMOVE

blueprint = Blueprint()


@blueprint.route(
    route=REMOVE.path,
    methods=[REMOVE.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_tenant_remove(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(REMOVE, request)
