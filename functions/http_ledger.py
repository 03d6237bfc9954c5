"""GET v1/tenants/{tenant}/ledger: finished runs, newest first."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve

blueprint = Blueprint()


@blueprint.route(
    route="v1/tenants/{tenant}/ledger",
    methods=["GET"],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
async def http_ledger(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    from shared.web.endpoints.collections import LEDGER

    return await serve(LEDGER, request)
