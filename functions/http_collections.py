"""GET v1/tenants/{tenant}/collections: where each dataset stands."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve

blueprint = Blueprint()


@blueprint.route(
    route="v1/tenants/{tenant}/collections",
    methods=["GET"],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
async def http_collections(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    from shared.web.endpoints.collections import STATUS

    return await serve(STATUS, request)
