"""POST v1/tenants/{tenant}/resume: goes on collecting."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.tenants import RESUME

blueprint = Blueprint()


@blueprint.route(
    route=RESUME.path,
    methods=[RESUME.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_tenant_resume(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(RESUME, request)
