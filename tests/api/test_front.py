"""What the front does for every route: whether the tenant is there, and the form of an error."""

import asyncio
import json
from collections.abc import Callable
from copy import replace
from uuid import UUID

import pytest

from shared.core import clock
from shared.core.errors import NotFound
from shared.core.text import Text
from shared.store.registers.tenants import Tenants
from shared.store.work.runs import Runs
from shared.usecases.dispatch import outgoing
from shared.web.endpoint import Endpoint, Kind
from shared.web.front import respond, respond_in_turn
from shared.web.http import Request, Response
from shared.web.route import Call, Route
from shared.web.routes import routes
from shared.web.shares import Share, Shares
from tests.api.conftest import TENANT, Answer, Api, KeyMaker
from tests.api.doors import Doors

pytestmark = pytest.mark.stack

NOBODY = "99999999-9999-9999-9999-999999999999"


def asked(api: Api, route: Route, tenant: UUID | str) -> Answer:
    path = route.path.replace("{tenant}", str(tenant)).replace("{key}", "users")
    return api.send(route.method, f"/{path}", {}, b"{}")


def test_every_route_of_a_tenant_refuses_one_that_was_never_added(api: Api) -> None:
    for route in routes():
        if route.tenant != "none":
            answer = asked(api, route, NOBODY)
            found = (answer.status, answer.json["code"], answer.json["parameter"])
            assert found == (404, "tenant_unknown", "tenant"), route.path


def test_a_removed_tenant_is_known_but_not_connected(api: Api, doors: Doors) -> None:
    Tenants(doors.engine).set_state(TENANT, "removed")
    for route in routes():
        if route.tenant == "connected":
            answer = asked(api, route, TENANT)
            assert (answer.status, answer.json["code"]) == (404, "tenant_unknown"), route.path
    # What an audit log is verified by is kept outside the database: without storage it says so.
    again = [route for route in routes() if route.tenant == "known"]
    outside = [route for route in again if route.path.endswith("audit/verification")]
    assert [asked(api, route, TENANT).json["code"] for route in outside] == ["storage_missing"]
    within = [route for route in again if route not in outside]
    answers = {(route.method, route.path): asked(api, route, TENANT) for route in within}
    refused = {at: answer.json["code"] for at, answer in answers.items() if answer.status >= 300}
    # Their bodies and ids are none, which is looked at once the tenant has been found.
    assert refused == {
        ("POST", "v1/tenants/{tenant}/legal-holds"): "body_field_missing",
        ("POST", "v1/tenants/{tenant}/legal-holds/{id}/lift"): "guid_expected",
    }


def test_who_may_not_see_a_tenant_is_not_told_whether_it_is_there(
    api: Api, make_key: KeyMaker
) -> None:
    narrow = api.as_caller(x_api_key=make_key("report:read", tenants=[TENANT]))
    for path in (f"/v1/tenants/{NOBODY}/reports", "/v1/tenants/no-guid/reports"):
        assert narrow.as_caller().get(path).status == 401
    answer = narrow.get(f"/v1/tenants/{NOBODY}/reports")
    assert (answer.status, answer.json["code"]) == (403, "tenant_forbidden")


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("api", "application/problem+json"),
        ("hook", "application/problem+json"),
        ("page", "text/html; charset=utf-8"),
    ],
)
def test_a_problem_has_the_form_that_fits_who_asks(
    doors: Doors, kind: Kind, media_type: str
) -> None:
    """A person is shown a page that runs nothing; what a caller wrote stands in it as text."""

    def missing(call: Call) -> Response:
        raise NotFound("dataset_unknown", parameter="dataset", value="<script>x</script>")

    route = Route(
        Endpoint("http_x", "GET", "x", kind=kind),
        permission="anonymous",
        summary=Text("x", "x"),
        handle=missing,
    )
    headers = {"accept-language": "ja", "x-request-id": "r1"}
    answer = respond(route, Request("GET", "https://kanri.example/x", {}, headers, {}), doors)
    assert (answer.status, answer.headers["Content-Type"]) == (404, media_type)
    assert (answer.headers["X-Request-Id"], answer.headers["Cache-Control"]) == ("r1", "no-store")
    if kind == "page":
        page = answer.body.decode()
        assert '<html lang="ja">' in page
        assert "dataset_unknown" in page
        assert "r1" in page
        assert "&lt;script&gt;" in page
        assert "<script" not in page
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    else:
        assert json.loads(answer.body)["code"] == "dataset_unknown"


def test_a_message_to_a_queue_that_is_not_declared_is_not_lost_without_a_word(api: Api) -> None:
    doors = api.doors
    sent = tuple(outgoing(Runs(doors.engine).request(TENANT, ["domains"], clock.now())))
    assert [one.queue for one in sent] == ["collect"]

    def answered(*queues: str) -> Response:
        route = Route(
            Endpoint("http_x", "POST", "x", queues=queues),
            permission="anonymous",
            summary=Text("x", "x"),
            handle=lambda _: Response(202, messages=sent),
            changes="x.send",
        )
        return respond(route, Request("POST", "https://kanri.example/x", {}, {}, {}), doors)

    assert (answered("collect").status, answered("collect").messages) == (202, sent)
    for queues in ((), ("others",)):
        refused = answered(*queues)
        assert (refused.status, refused.messages) == (500, ())


def test_a_bug_on_a_page_is_a_page(doors: Doors) -> None:
    def broken(call: Call) -> Response:
        raise RuntimeError("a bug")

    route = Route(
        Endpoint("http_x", "GET", "x", kind="page"),
        permission="anonymous",
        summary=Text("x", "x"),
        handle=broken,
    )
    answer = respond(route, Request("GET", "https://kanri.example/x", {}, {}, {}), doors)
    assert (answer.status, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert b"a bug" not in answer.body


def test_a_change_is_told_with_who_did_what_and_a_refusal_or_a_reading_is_not(
    api: Api, make_key: KeyMaker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "kanri")
    path = f"/v1/tenants/{TENANT}"
    assert api.get(path).status == 200
    assert api.as_caller(x_api_key=make_key("report:read")).post(f"{path}/pause").status == 403
    assert api.post(f"/v1/tenants/{NOBODY}/pause").status == 404
    assert api.post(f"{path}/pause", headers_of="").status == 400
    assert api.post(f"{path}/pause").status == 200
    told = [json.loads(record.message) for record in caplog.records if record.name == "kanri"]
    [change] = [line for line in told if line["event"] == "changed"]
    assert (change["act"], change["tenant"]) == ("tenant.pause", str(TENANT))
    assert change["caller"].startswith("key:")


@pytest.mark.parametrize("kind", ["api", "page"])
@pytest.mark.parametrize("code", ["dataset_unknown", "tenant_unknown"])
def test_nothing_hides_in_a_problem(doors: Doors, kind: Kind, code: str) -> None:
    """What a caller wrote is told back, but turns nothing round, and never is the answer lost.

    One text quotes the value as Python does, which hides nothing by itself; the other as it is.
    """
    written = "a\u202eb\u2066c\x7fd\x85e\u2028f\ud800g\x1b"

    def missing(call: Call) -> Response:
        raise NotFound(code, parameter=written, value=written)

    route = Route(
        Endpoint("http_x", "GET", "x", kind=kind),
        permission="anonymous",
        summary=Text("x", "x"),
        handle=missing,
    )
    answer = respond(route, Request("GET", f"https://kanri.example/{written}", {}, {}, {}), doors)
    assert answer.status == 404
    hiding = set(answer.body.decode()) & set(written) - set("abcdefg")
    # By number: a lone surrogate ends whoever would print it.
    assert [f"U+{ord(sign):04X}" for sign in hiding] == []


@pytest.mark.parametrize("spelled", [str(TENANT).upper(), f"{{{TENANT}}}", TENANT.hex])
def test_a_tenant_has_one_share_however_its_id_is_spelled(
    api: Api, doors: Doors, make_key: KeyMaker, spelled: str
) -> None:
    route = next(route for route in routes() if route.endpoint.function == "http_tenant")
    asked: list[tuple[str, ...]] = []

    class Watched(Share):
        async def run[T](self, claimants: tuple[str, ...], work: Callable[[], T]) -> T:
            asked.append(claimants)
            return await super().run(claimants, work)

    shares = replace(Shares.of(4), reading=Watched(2, each=1))
    request = Request("GET", "https://kanri.example/x", {}, api.headers, {"tenant": spelled})
    answer = asyncio.run(respond_in_turn(route, request, doors, lambda: shares))
    assert answer.status == 200
    assert [claimants[1:] for claimants in asked] == [(f"tenant:{TENANT}",)]


@pytest.mark.parametrize(
    "path", ["\uff11" * 32, "0x" + "1" * 30, "+" + "1" * 31, "1_" * 16, f"urn:uuid:{TENANT}"]
)
def test_what_only_python_takes_for_a_guid_is_none(api: Api, path: str) -> None:
    for answer, name in (
        (api.get(f"/v1/tenants/{path}"), "tenant"),
        (api.delete(f"/v1/keys/{path}"), "id"),
    ):
        found = (answer.status, answer.json["code"], answer.json["parameter"])
        assert found == (400, "guid_expected", name)


def test_what_the_path_names_may_take_a_permission_of_its_own(
    api: Api, doors: Doors, make_key: KeyMaker
) -> None:
    """It is asked for last: nobody learns by it which tenants there are."""
    route = Route(
        Endpoint("http_x", "GET", "v1/tenants/{tenant}/x/{key}"),
        permission="report:read",
        summary=Text("x", "x"),
        handle=lambda _: Response(),
        tenant="connected",
        further=lambda request: "key:write" if request.route["key"] == "dear" else "report:read",
    )

    def ask(key: str, name: str, tenant: object = TENANT) -> tuple[int, str]:
        request = Request(
            "GET", "https://x.example", {}, {"x-api-key": key}, {"tenant": str(tenant), "key": name}
        )
        answer = respond(route, request, doors)
        return answer.status, json.loads(answer.body or b"{}").get("code", "")

    narrow = make_key("report:read", tenants=[TENANT])
    assert ask(narrow, "plain") == (200, "")
    assert ask(narrow, "dear") == (403, "permission_missing")
    assert ask(narrow, "dear", NOBODY) == (403, "tenant_forbidden")
    assert ask(make_key("report:read"), "dear", NOBODY) == (404, "tenant_unknown")
    assert ask(make_key("key:write"), "dear") == (403, "permission_missing")
    assert ask(make_key("report:read", "key:write"), "dear") == (200, "")


def test_every_report_says_what_it_takes_to_read_it(api: Api) -> None:
    schemas = api.get("/openapi.json").json["components"]["schemas"]
    for entry in api.get(f"/v1/tenants/{TENANT}/reports").json["reports"]:
        page = schemas[f"{entry['report'].title()}Report"]
        assert entry["permission"] == page["x-kanri-permission"] == "report:read"
