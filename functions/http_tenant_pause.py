"""POST v1/tenants/{tenant}/pause: stops collecting."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve

blueprint = Blueprint()


@blueprint.route(
    route="v1/tenants/{tenant}/pause",
    methods=["POST"],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
async def http_tenant_pause(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    from shared.web.endpoints.tenants import PAUSE

    return await serve(PAUSE, request)
