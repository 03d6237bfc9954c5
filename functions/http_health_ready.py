"""GET health/ready: can the app do its work?"""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.health import READY

blueprint = Blueprint()


@blueprint.route(
    route=READY.path,
    methods=[READY.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_health_ready(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(READY, request)
