"""POST v1/tenants/{tenant}/collections: collects now, one queue message per dataset."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse, Out

from functions.http import serve

blueprint = Blueprint()


@blueprint.route(
    route="v1/tenants/{tenant}/collections",
    methods=["POST"],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
@blueprint.queue_output(arg_name="queue", queue_name="collect", connection="AzureWebJobsStorage")
async def http_collect_now(request: HttpRequest, queue: Out[str]) -> HttpResponse:
    """Answer by the route's handler; its messages go to the queue when it succeeded."""
    from shared.web.endpoints.collections import START

    return await serve(START, request, queue)
