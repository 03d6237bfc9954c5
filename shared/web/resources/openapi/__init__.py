"""The description of this API."""

from shared.web.endpoint import Endpoint

DESCRIBE = Endpoint("http_openapi", "GET", "openapi.json")
