"""GET health/ready: can the app do its work?"""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve

blueprint = Blueprint()


@blueprint.route(
    route="health/ready",
    methods=["GET"],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
async def http_health_ready(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    from shared.web.endpoints.health import READY

    return await serve(READY, request)
