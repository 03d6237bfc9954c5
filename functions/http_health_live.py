"""GET health/live: is the process alive? The only anonymous route."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve

blueprint = Blueprint()


@blueprint.route(
    route="health/live",
    methods=["GET"],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
async def http_health_live(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    from shared.web.endpoints.health import LIVE

    return await serve(LIVE, request)
