"""The description of the API in JSON."""

from typing import Any

from shared.web.shapes import Answer


class Described(Answer):
    """OpenAPI 3.1: https://spec.openapis.org/oas/v3.1.0."""

    openapi: str
    info: dict[str, Any]
    servers: list[dict[str, Any]]
    security: list[dict[str, Any]]
    tags: list[dict[str, Any]]
    paths: dict[str, Any]
    components: dict[str, Any]
