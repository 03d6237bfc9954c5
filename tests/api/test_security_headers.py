"""Every answer, of whatever route and status, tells browsers what to refuse."""

import json
from collections.abc import Mapping
from uuid import uuid4

import psycopg
import pytest

from infra.local.postgres import Postgres
from infra.local.repository import ROOT
from shared.web.route import Route
from shared.web.routes import routes
from shared.web.security_headers import SECURITY_HEADERS
from tests.api.conftest import TENANT, Api
from tests.api.running_host import Host

pytestmark = pytest.mark.stack

REPORT = f"/v1/tenants/{TENANT}/reports/users"


# What each of them has to say at least, whatever our own list says.
# https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html
LEAST = {
    "strict-transport-security": "max-age=63072000",
    "content-security-policy": "default-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=()",
}


def assert_safe(headers: Mapping[str, str], where: object) -> None:
    told = {name.lower(): value for name, value in headers.items()}
    for name, value in LEAST.items():
        assert value in told[name], (where, name)
    assert "frame-ancestors 'none'" in told["content-security-policy"], where
    for name, value in SECURITY_HEADERS.items():
        if name == "Cache-Control":
            assert told[name.lower()].partition(",")[0] in ("private", "no-store"), where
        else:
            assert told[name.lower()] == value, (where, name)


def path_of(route: Route) -> str:
    known = {"tenant": str(TENANT), "key": "users"}
    parts = route.path.split("/")
    return "/" + "/".join(
        known.get(part[1:-1], str(uuid4())) if part.startswith("{") else part for part in parts
    )


@pytest.mark.parametrize("caller", ["nobody", "owner"])
def test_every_route_says_so_whoever_asks(people: Api, caller: str) -> None:
    asking = people.as_caller() if caller == "nobody" else people
    seen = set()
    for route in routes():
        for query in ({}, {"nowhere": "1"}):
            answer = asking.send(route.method, path_of(route), query, b"{}")
            assert_safe(answer.headers, (route.path, query))
            seen.add(answer.status)
    assert seen >= ({200, 400, 401} if caller == "nobody" else {200, 400, 404}), seen


def test_a_confirmation_a_file_and_a_failure_of_ours_say_so(
    people: Api, postgres_server: Postgres
) -> None:
    first = people.get(REPORT)
    same = people.get(REPORT, headers={"if-none-match": first.headers["ETag"]})
    file = people.get(REPORT, format="csv")
    with psycopg.connect(postgres_server.url(str(people.doors.engine.url.database))) as owner:
        owner.execute("REVOKE INSERT ON kanri.audit_events FROM kanri_app")
    failed = people.post(f"/v1/tenants/{TENANT}/pause")
    assert [answer.status for answer in (first, same, file, failed)] == [200, 304, 200, 500]
    for answer in (first, same, file, failed):
        assert_safe(answer.headers, answer.status)


def test_host_json_says_the_same() -> None:
    told = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
    assert told["extensions"]["http"]["customHeaders"] == dict(SECURITY_HEADERS)


def test_what_the_host_answers_itself_says_so_too(host: Host) -> None:
    found = {
        (method, path): host.send(method, path)
        for method, path in (
            ("GET", "v1/nothing"),
            ("PUT", "v1/tenants"),
            ("GET", "health/live"),
            ("GET", REPORT.removeprefix("/")),
        )
    }
    assert [status for status, _, _ in found.values()] == [404, 404, 200, 200]
    for asked, (_, headers, _) in found.items():
        assert_safe(headers, asked)
        assert len([name for name in headers if name == "x-frame-options"]) == 1
