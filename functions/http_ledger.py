"""GET v1/tenants/{tenant}/ledger: finished runs, newest first."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.collections import LEDGER

blueprint = Blueprint()


@blueprint.route(
    route=LEDGER.path,
    methods=[LEDGER.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_ledger(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(LEDGER, request)
