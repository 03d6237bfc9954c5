"""POST v1/tenants/{tenant}/collections: collects now, one queue message per dataset."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse, Out

from functions.http import serve
from shared.web.endpoints.collections import START

blueprint = Blueprint()


@blueprint.route(
    route=START.path,
    methods=[START.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
@blueprint.queue_output(arg_name="queue", queue_name="collect", connection="AzureWebJobsStorage")
def http_collect_now(request: HttpRequest, queue: Out[str]) -> HttpResponse:
    """Answer by the route's handler; its messages go to the queue when it succeeded."""
    return serve(START, request, queue)
