"""GET v1/datasets: what Kanri can collect."""

from azure.functions import AuthLevel, Blueprint, HttpRequest, HttpResponse

from functions.http import serve
from shared.web.endpoints.collections import DATASETS

blueprint = Blueprint()


@blueprint.route(
    route=DATASETS.path,
    methods=[DATASETS.method],
    auth_level=AuthLevel.ANONYMOUS,
    trigger_arg_name="request",
)
def http_datasets(request: HttpRequest) -> HttpResponse:
    """Answer by the route's handler."""
    return serve(DATASETS, request)
