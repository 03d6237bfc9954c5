"""The OpenAPI document leaves nothing to guess: codes, headers, examples, formats, limits."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from openapi_spec_validator import validate
from sqlalchemy import Engine

from shared.core import clock, odata
from shared.core.approval import Effect
from shared.core.role_permissions import PERMISSIONS
from shared.core.text import has_text
from shared.store.persons.requests import PersonRequests
from shared.store.registers.approvals import Approvals, Requester
from shared.web.route import Route
from shared.web.routes import routes
from tests.api.conftest import TENANT, Api
from tests.app_bindings import app_bindings
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

ROOT = Path(__file__).resolve().parents[2]


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
                if kind in ("application/json", "application/problem+json"):
                    check(described, content["example"], content["schema"])
                if kind == "application/problem+json":
                    codes = content["schema"]["properties"]["code"]["enum"]
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
            [(media_type, content)] = body["content"].items()
            check(described, content["example"], content["schema"])
            if route.text is not None:
                assert (media_type, content["example"]) == (
                    route.text.media_type,
                    route.text.example,
                )
                continue
            assert media_type == "application/json"
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


def test_the_description_is_valid_openapi_in_both_languages(api: Api) -> None:
    for lang in ("en", "ja"):
        described = api.get("/openapi.json", lang=lang).json
        validate(described)
        assert set(described["paths"]) == {f"/{route.path}" for route in routes()}
    # msgspec tells two structs of one name apart by their modules; a generated client cannot.
    assert [name for name in described["components"]["schemas"] if "." in name] == []
    rows = described["components"]["schemas"]["UsersRow"]["properties"]
    assert rows["display_name"]["title"] == "表示名"
    assert described["paths"]["/health/live"]["get"]["security"] == []
    ready = described["paths"]["/health/ready"]["get"]["responses"]
    assert ready["503"]["content"] == ready["200"]["content"]
    report = described["paths"]["/v1/tenants/{tenant}/reports/{key}"]["get"]["responses"]
    assert "content" not in report["304"]
    grants = described["components"]["schemas"]["NewKey"]["properties"]["permissions"]["items"]
    assert set(grants["enum"]) == PERMISSIONS


def membership(api: Api) -> str:
    """Give the caller's own key a role; return the id of that."""
    key_id = api.get("/v1/me").json["subjectId"]
    until = (clock.now() + timedelta(minutes=30)).isoformat()
    body = {"subjectKind": "key", "subjectId": key_id, "role": "reader", "scope": "all"}
    return str(api.post("/v1/memberships", body | {"expiresAt": until}).json["membershipId"])


def job(api: Api) -> str:
    """Ask for something that takes long; return the id of the job."""
    return str(api.post(f"/v1/tenants/{TENANT}/collections").json["jobId"])


def approval(api: Api) -> str:
    """Have something wait for a second person; return the id of that."""
    now, effect = clock.now(), Effect(tenants=(TENANT,), objects=5, counts={"users": 5})
    waiting = Approvals(api.doors.engine).ask(
        "purge_tenant",
        {"tenantId": str(TENANT)},
        effect,
        Requester("key:1", frozenset({"key:1"}), None),
        now=now,
        expires_at=now + timedelta(hours=1),
    )
    return str(waiting.approval_id)


def imported_file(api: Api) -> str:
    """Import a file of the PowerShell tool; its id."""
    path = f"/v1/tenants/{TENANT}/imports"
    asked = {"name": "UserList_20250719_060000.csv", "report": "users"}
    body, kind = b"DisplayName,UserPrincipalName\nA,a@contoso.example\n", "application/octet-stream"
    looked = api.send("POST", path, asked, body, media_type=kind).json
    asked["digest"] = looked["digest"]
    return str(api.send("POST", path, asked, body, media_type=kind).json["importId"])


def test_answers_are_as_described(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "users", [{"id": "u", "created_at": clock.now()}])
    collect(app_engine, TENANT, "domains", [], state="failed", cause="graph_refused")
    described = api.get("/openapi.json").json
    ids = {"memberships": membership(api), "jobs": job(api), "approvals": approval(api)}
    erasure = PersonRequests(app_engine, TENANT).ask("erasure", "p_1", "key:1", clock.now())
    ids["tenants"] = str(erasure.request_id)
    file = imported_file(api)
    for route in routes():
        if route.method != "GET" or "consent" in route.path or route.path == "openapi.json":
            continue
        if route.path.endswith("audit/verification"):
            continue  # needs what is kept outside the database: test_audit_verified asks it
        path = f"/{route.path}".replace("{tenant}", str(TENANT)).replace("{key}", "users")
        noun = route.path.split("/")[1]
        own = file if "imported-reports" in path else ids.get(noun, "")
        path = path.replace("{id}", own).replace("{role}", "reader")
        path = path.replace("{dataset}/{object}", "users/u").replace("{dataset}", "license_prices")
        operation = described["paths"][f"/{route.path}"]["get"]
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        answer = api.get(path)
        assert answer.status == 200, answer.json
        jsonschema.validate(answer.json, {**schema, "components": described["components"]})


def test_the_most_rows_of_a_page_are_as_described(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "users", [{"id": "u"}])
    checked = set()
    for route in routes():
        for parameter in route.parameters:
            if parameter.name == "top":
                path = f"/{route.path}".replace("{tenant}", str(TENANT)).replace("{key}", "users")
                most = int(str(parameter.schema["maximum"]))
                path = path.replace("{dataset}/{object}", "users/u")
                assert api.get(path, top=most).status == 200
                assert api.get(path, top=most + 1).json["code"] == "number_expected"
                checked.add(route.path)
    assert len(checked) >= 7


def test_every_route_has_its_function_and_the_other_way_round() -> None:
    found = set()
    for _, binding in app_bindings():
        if binding["type"] == "httpTrigger":
            assert binding["authLevel"].lower() == "anonymous"
            (method,) = binding["methods"]
            found.add((method.upper(), binding["route"]))
    assert found == {(route.method, route.endpoint.route) for route in routes()}
    assert found == {(route.method, f"api/{route.path}") for route in routes()}


def test_the_host_puts_no_prefix_before_a_route() -> None:
    """Pages stand at the root, and what is below `api/` says so itself."""
    settings = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert settings["extensions"]["http"]["routePrefix"] == ""


def test_only_liveness_is_anonymous() -> None:
    assert [route.path for route in routes() if route.permission == "anonymous"] == ["health/live"]
