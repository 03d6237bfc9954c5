"""GET v1/tenants/{tenant}/reports: the list of reports."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.report import LIST

blueprint = Blueprint()


@blueprint.route(
    route=LIST.path,
    methods=[LIST.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_reports(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(LIST, request)
