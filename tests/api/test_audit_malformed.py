"""Input that does not fit is an audit signal: who sent it is told, what it was is not, and a flood is counted."""

import json
import re
from collections.abc import Mapping
from itertools import product

import pytest

from shared.core.audit import ChainedEvent
from shared.core.work import DEPLOYMENT
from shared.web.json_body import MAX_BYTES
from shared.web.routes import routes
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker
from tests.fixtures.audited import chain_of

pytestmark = pytest.mark.stack

SETTINGS = f"/v1/tenants/{TENANT}/settings"
REPORT = f"/v1/tenants/{TENANT}/reports/users"
MARK = "hostile-mark"


def told(api: Api) -> list[ChainedEvent]:
    return chain_of(api.doors.engine, TENANT)


BODIES = [
    (b"{" + MARK.encode(), "application/json", 400, "body_not_json"),
    (b'{"' + MARK.encode() + b'": 1}', "application/json", 400, "body_field_unknown"),
    (b"\xff\x00" + MARK.encode(), "application/json", 400, "body_not_json"),
    (MARK.encode() * (MAX_BYTES // len(MARK) + 1), "application/json", 413, "body_too_large"),
    (f"<{MARK}/>".encode(), "text/xml", 415, "media_type_unsupported"),
    (json.dumps([[[MARK]]]).encode(), "application/json", 400, "body_invalid"),
]


@pytest.mark.parametrize(("body", "media_type", "status", "code"), BODIES)
def test_a_body_that_does_not_fit_is_told(
    api: Api, body: bytes, media_type: str, status: int, code: str
) -> None:
    seen = {"if-match": '"x"'}
    answer = api.send("PATCH", SETTINGS, {}, body, headers=seen, media_type=media_type)
    assert (answer.status, answer.json["code"]) == (status, code)
    [event] = told(api)
    assert (event.act, event.result, event.times) == ("tenant.configure", code, 1)
    assert event.caller.startswith("key:")
    assert MARK not in repr(event)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({MARK: "1"}, "parameter_unknown"),
        ({"filter": f"{MARK} eq 1"}, "filter_syntax"),
        ({"filter": f"{MARK}\0"}, "parameter_malformed"),
        ({"lang": f"\ud800{MARK}"}, "parameter_malformed"),
        ({"cursor": MARK}, "cursor_malformed"),
    ],
)
def test_a_question_that_does_not_fit_is_told(
    api: Api, query: Mapping[str, str], code: str
) -> None:
    answer = api.send("GET", REPORT, query)
    assert (answer.status, answer.json["code"]) == (400, code)
    [event] = told(api)
    assert (event.act, event.result, event.target) == ("report.read", code, "users")
    assert MARK not in repr(event)


def test_control_characters_in_a_path_cannot_keep_it_from_being_told(api: Api) -> None:
    path = f"/v1/tenants/{TENANT}/reports/a\0b\x1b[31m\ud800"
    assert api.send("GET", path, {MARK: "1"}).status == 400
    [event] = told(api)
    assert event.target == "a\ufffdb\ufffd[31m\ufffd"


def test_no_path_breaks_a_route_or_keeps_a_refusal_from_being_told(
    api: Api, make_key: KeyMaker, caplog: pytest.LogCaptureFixture
) -> None:
    hiding = "a\0b\x1b[31m\ud800"
    narrow = api.as_caller(x_api_key=make_key("report:read", tenants=[OTHER]))
    forged = api.as_caller(x_api_key=f"kanri_test_{hiding}")
    for route, caller in product(routes(), (api, narrow, forged, api.as_caller())):
        for name in re.findall(r"\{(\w+)\}", route.path):
            path = route.path.replace(f"{{{name}}}", hiding)
            path = re.sub(r"\{\w+\}", str(TENANT), path)
            answer = caller.send(route.method, f"/{path}", {}, b"{}", headers={"if-match": "*"})
            assert 400 <= answer.status < 500, (path, answer.json)
    assert "untold" not in caplog.text
    assert {event.target for event in chain_of(api.doors.engine, DEPLOYMENT)} >= {
        "a\ufffdb\ufffd[31m\ufffd"
    }


def test_a_flood_writes_little_and_hides_no_refusal(api: Api, make_key: KeyMaker) -> None:
    for number in range(300):
        path = f"/v1/tenants/{TENANT}/reports/r{number % 100}"
        assert api.send("GET", path, {MARK: "1"}).status == 400
    assert len(told(api)) == 30
    narrow = api.as_caller(x_api_key=make_key("report:read", tenants=[OTHER]))
    assert narrow.send("GET", REPORT, {MARK: "1"}).status == 403
    [refused] = chain_of(api.doors.engine, DEPLOYMENT)
    assert refused.result == "tenant_forbidden"


def test_what_anybody_may_ask_writes_nothing(api: Api) -> None:
    nobody = api.as_caller()
    assert nobody.send("GET", "/health/live", {MARK: "1"}).status == 400
    assert told(api) == chain_of(api.doors.engine, DEPLOYMENT) == []


def test_it_is_never_trusted_as_a_filter(api: Api) -> None:
    """What does not fit is refused whole, never understood in part."""
    for text in ("display_name eq 'a' or 1 eq 1 --", "display_name eq 'a'; DROP TABLE x", "1 eq 1"):
        assert api.send("GET", REPORT, {"filter": text}).status == 400
    assert {event.result for event in told(api)} <= {
        "filter_syntax",
        "filter_type",
        "column_unknown",
    }
