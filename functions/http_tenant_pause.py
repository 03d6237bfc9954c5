"""POST v1/tenants/{tenant}/pause: stops collecting."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.tenants import PAUSE

blueprint = Blueprint()


@blueprint.route(
    route=PAUSE.path,
    methods=[PAUSE.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_tenant_pause(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(PAUSE, request)
