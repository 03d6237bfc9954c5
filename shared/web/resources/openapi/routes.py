"""The description of this API."""

from shared.core.text import Text
from shared.web.http import Response, json_response
from shared.web.resources import openapi
from shared.web.resources.openapi.shapes import Described
from shared.web.route import Call, Route


def describe(call: Call) -> Response:
    """Return OpenAPI 3.1, made from the routes, structs and reports themselves."""
    from shared.web.openapi import document
    from shared.web.routes import routes

    return json_response(document(routes(), call.lang))


DESCRIBE = Route(
    openapi.DESCRIBE,
    permission="report:read",
    summary=Text("Describe this API (OpenAPI 3.1)", "この API の記述 (OpenAPI 3.1)"),
    handle=describe,
    answer=Described,
    also=(304,),
    headers=("ETag",),
)
