"""DELETE v1/keys/{id}: revokes an API key."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.keys import REVOKE

blueprint = Blueprint()


@blueprint.route(
    route=REVOKE.path,
    methods=[REVOKE.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_key_revoke(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(REVOKE, request)
