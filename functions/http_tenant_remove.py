"""DELETE v1/tenants/{tenant}: removes a tenant, on request with its data."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve

blueprint = Blueprint()


@blueprint.route(
    route="v1/tenants/{tenant}",
    methods=["DELETE"],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
async def http_tenant_remove(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    from shared.web.endpoints.tenants import REMOVE

    return await serve(REMOVE, request)
