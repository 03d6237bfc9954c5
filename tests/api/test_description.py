"""The OpenAPI document leaves nothing to guess: codes, headers, examples, formats, limits."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from shared.core import odata
from shared.core.text import has_text
from shared.web.route import Route
from shared.web.routes import routes
from tests.api.conftest import Api

pytestmark = pytest.mark.stack


@pytest.fixture
def described(api: Api) -> dict[str, Any]:
    document: dict[str, Any] = api.get("/openapi.json").json
    return document


def operation_of(described: dict[str, Any], route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = described["paths"][f"/{route.path}"][route.method.lower()]
    return operation


def check(described: dict[str, Any], value: object, schema: dict[str, object]) -> None:
    whole = {**schema, "components": described["components"]}
    jsonschema.validate(value, whole, format_checker=jsonschema.FormatChecker())


def test_every_response_tells_its_headers_codes_and_an_example(described: dict[str, Any]) -> None:
    known = set(described["components"]["headers"])
    for route in routes():
        for status, response in operation_of(described, route)["responses"].items():
            if status == "default":
                continue
            where = (route.path, status)
            assert {"X-Request-Id", "Cache-Control"} <= set(response["headers"]) <= known, where
            for kind, content in response.get("content", {}).items():
                if kind != "text/csv":
                    check(described, content["example"], content["schema"])
                if kind == "application/problem+json":
                    codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
                    assert codes, where
                    assert all(has_text(f"error.{code}") for code in codes), (where, codes)


def test_every_route_has_a_tag_and_says_who_may_use_it(described: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in described["tags"] if tag["description"]}
    schemes = described["components"]["securitySchemes"]
    assert all(scheme["description"] for scheme in schemes.values())
    for route in routes():
        operation = operation_of(described, route)
        assert set(operation["tags"]) <= tags
        security = operation.get("security", described["security"])
        assert (security == []) == (route.permission == "anonymous")
        assert {name for entry in security for name in entry} <= set(schemes)
        assert ("401" in operation["responses"]) == (route.permission != "anonymous")


def test_examples_of_parameters_and_bodies_fit(described: dict[str, Any]) -> None:
    for route in routes():
        operation = operation_of(described, route)
        for parameter in operation["parameters"]:
            if "example" in parameter:
                check(described, parameter["example"], parameter["schema"])
        if body := operation.get("requestBody"):
            content = body["content"]["application/json"]
            check(described, content["example"], content["schema"])
            assert route.body is not None
            assert content["schema"]["$ref"].endswith(f"/{route.body.__name__}")
            msgspec.json.decode(json.dumps(content["example"]), type=route.body)


def test_every_instant_is_a_date_time(described: dict[str, Any]) -> None:
    found = {
        (name, field): json.dumps(schema)
        for name, entry in described["components"]["schemas"].items()
        for field, schema in entry.get("properties", {}).items()
        if field.endswith("At")
    }
    assert len(found) > 12
    assert [place for place, schema in found.items() if '"format": "date-time"' not in schema] == []


def test_the_filter_tells_its_grammar_and_its_limits(described: dict[str, Any]) -> None:
    path = "/v1/tenants/{tenant}/reports/{key}"
    parameters = {entry["name"]: entry for entry in described["paths"][path]["get"]["parameters"]}
    told = parameters["filter"]
    assert told["schema"]["x-kanri-grammar"] == odata.GRAMMAR
    assert told["schema"]["maxLength"] == odata.MAX_LENGTH
    for limit in (
        odata.MAX_LENGTH,
        odata.MAX_TERMS,
        odata.MAX_DEPTH,
        odata.MAX_VALUES,
        odata.MAX_SEARCHES,
    ):
        assert str(limit) in told["description"]
