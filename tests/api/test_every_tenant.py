"""A report of all tenants: whose rows are whose, who may see what, and that one bad tenant spoils nothing."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from copy import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine

from infra.local.postgres import Postgres
from shared.core import clock, registry
from shared.core.clock import written
from shared.core.question import read_question
from shared.store.answers.every_tenant import of_every_tenant
from shared.store.answers.reports import Reports
from shared.store.registers.tenants import Tenants
from shared.usecases.read_every_tenant import AskedTenant, EveryTenant
from tests.api.conftest import OTHER, TENANT, Api, KeyMaker
from tests.api.doors import Doors
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

EMPTY = UUID("33333333-3333-4333-8333-333333333333")
PATH = "/v1/reports"
NOW = clock.now().replace(microsecond=0)


def person(number: int, name: str) -> Object:
    own = {"id": f"u{number:02}", "display_name": f"{name} {number:02}"}
    return own | {"department": "Sales" if number % 2 else "Law", "user_type": "Member"}


@pytest.fixture
def many(api: Api, app_engine: Engine) -> Api:
    """Contoso has twelve people, Fabrikam seven; of Adatum nothing was ever read."""
    Tenants(app_engine).add(EMPTY, "Adatum")
    at = NOW - timedelta(hours=2)
    collect(app_engine, TENANT, "users", [person(n, "Con") for n in range(12)], at=at)
    collect(app_engine, OTHER, "users", [person(n, "Fab") for n in range(7)], at=at)
    return api


def read(api: Api, key: str = "users", **asked: object) -> dict[str, Any]:
    answer = api.send("GET", f"{PATH}/{key}", asked)
    assert answer.status == 200, answer.json
    found: dict[str, Any] = answer.json
    return found


def pages(api: Api, **asked: object) -> Iterator[dict[str, Any]]:
    page = read(api, "users", **asked)
    yield page
    while page["nextLink"] is not None:
        page = api.follow(page["nextLink"]).json
        yield page


def own_rows(api: Api, key: str = "users") -> list[dict[str, Any]]:
    """The rows of the reports of each tenant by itself, with whose they are."""
    found = []
    for tenant, name in ((TENANT, "Contoso"), (OTHER, "Fabrikam")):
        rows = api.get(f"/v1/tenants/{tenant}/reports/{key}", top=1000).json["rows"]
        found += [{"tenant_id": str(tenant), "tenant_name": name, **row} for row in rows]
    return found


def test_rows_are_those_of_each_tenant_by_its_name(many: Api) -> None:
    found = read(many, top=1000)
    assert found["rows"] == own_rows(many)
    assert [column["id"] for column in found["columns"]][:2] == ["tenant_id", "tenant_name"]
    told = {one["name"]: one for one in found["tenants"]}
    assert found["tenants"][0]["name"] == "Adatum"
    assert (told["Adatum"]["state"], told["Adatum"]["rowCount"]) == ("answered", 0)
    assert {one["state"] for one in told["Adatum"]["coverage"]} == {"never"}
    assert (told["Contoso"]["rowCount"], told["Fabrikam"]["rowCount"]) == (12, 7)
    assert told["Fabrikam"]["parameters"]


@pytest.mark.parametrize("top", [1, 5, 12, 19])
def test_pages_add_up_whatever_comes_in_between(many: Api, app_engine: Engine, top: int) -> None:
    whole, rows = read(many, top=1000)["rows"], []
    for number, page in enumerate(pages(many, top=top)):
        rows += page["rows"]
        assert page["rowCount"] <= top
        if number == 0:
            collect(app_engine, OTHER, "users", [person(n, "Late") for n in range(30)])
            collect(app_engine, TENANT, "users", [person(n, "Late") for n in range(30)])
    shown = [[row["tenant_name"], row["id"], row["display_name"]] for row in rows]
    assert shown == [[row["tenant_name"], row["id"], row["display_name"]] for row in whole]


def test_filter_order_and_file_know_the_tenant(many: Api) -> None:
    law = read(many, filter="tenant_name eq 'Fabrikam' and department eq 'Law'", orderBy="id desc")
    assert [row["id"] for row in law["rows"]] == ["u06", "u04", "u02", "u00"]
    some = read(many, tenants=str(OTHER), select="tenant_name,id")
    assert some["rows"][0] == {"tenant_name": "Fabrikam", "id": "u00"}
    assert [one["name"] for one in some["tenants"]] == ["Fabrikam"]
    file = many.get(f"{PATH}/users", format="csv")
    lines = list(csv.DictReader(io.StringIO(file.body.decode("utf-8-sig"))))
    own = [(row["tenant_name"], row["display_name"]) for row in own_rows(many)]
    assert [(line["Tenant"], line["Display name"]) for line in lines] == own
    assert (file.headers["Kanri-Row-Count"], file.headers["Kanri-Tenants"]) == ("19", "3 of 3")


# What PostgreSQL does beside, for a row of the tenant: takes a second, or cannot.
FAULTS = {"question_slow": "pg_sleep(1) IS NOT NULL", "internal": "1 / (length(id) - 3) = 1"}
# So slow that twelve rows take longer than all tenants have.
DRAGGING = "pg_sleep(0.05) IS NOT NULL"


@pytest.fixture
def faulty(postgres_server: Postgres, app_engine: Engine) -> Iterator[Callable[[UUID, str], None]]:
    """Make the rows of a tenant slow to read, or break the statement that reads them."""
    database = postgres_server.url(str(app_engine.url.database))
    with psycopg.connect(database, autocommit=True) as owner:

        def spoil(tenant_id: UUID, code: str) -> None:
            owner.execute("DROP POLICY IF EXISTS fault ON data.users")
            own = f"CASE WHEN tenant_id = '{tenant_id}' THEN {FAULTS.get(code, code)} ELSE true END"
            policy = f"CREATE POLICY fault ON data.users AS RESTRICTIVE USING ({own})"
            owner.execute(policy.encode())

        yield spoil


@pytest.mark.parametrize("code", FAULTS)
def test_a_tenant_that_cannot_be_read_spoils_none_of_the_others(
    many: Api, faulty: Callable[[UUID, str], None], code: str
) -> None:
    rows = [row for row in own_rows(many) if row["tenant_name"] == "Contoso"]
    faulty(OTHER, code)
    found = read(many, top=1000)
    assert found["rows"] == rows
    worst = found["tenants"][0]
    assert (worst["name"], worst["state"], worst["code"]) == ("Fabrikam", "failed", code)
    assert (worst["rowCount"], bool(worst["detail"])) == (None, True)
    assert [one["state"] for one in found["tenants"][1:]] == ["answered", "answered"]
    if code == "question_slow":
        return  # A file gives it a minute.
    file = many.get(f"{PATH}/users", format="csv")
    lines = list(csv.DictReader(io.StringIO(file.body.decode("utf-8-sig"))))
    assert [line["Tenant"] for line in lines] == ["Contoso"] * len(rows)
    assert file.headers["Kanri-Tenants"] == "2 of 3"
    assert file.headers["Kanri-Tenants-Unread"] == f"{OTHER}={code}"


@pytest.mark.parametrize("top", [11, 12, 13])
def test_who_is_not_reached_in_time_comes_on_the_next_page(
    many: Api, app_engine: Engine, faulty: Callable[[UUID, str], None], top: int
) -> None:
    """However many rows there were until then: as many as fit on a page, or one more or less."""
    faulty(TENANT, DRAGGING)
    questions = {False: read_question({}, of_every_tenant(registry.report("users")), "en", NOW)}
    every = EveryTenant(Reports(app_engine, page_seconds=3), questions, NOW, seconds=0.3)
    asked = [AskedTenant(TENANT, "Contoso", None), AskedTenant(OTHER, "Fabrikam", None)]
    page = every.page(asked, top, None)
    assert [one.code for one in page.told] == [None, "tenant_not_reached"]
    assert len(page.rows) == min(top, 12)
    assert page.onward is not None
    assert page.onward.tenant_id == (TENANT if top < 12 else OTHER)


def test_a_tenant_of_which_nothing_is_known_yet_is_named(many: Api) -> None:
    found = read(many, asOf=written(NOW - timedelta(days=3)))
    assert found["rows"] == []
    assert {one["code"] for one in found["tenants"]} == {"as_of_too_early"}
    assert "asOf" in found["tenants"][0]["detail"]


def test_everybody_sees_what_he_may_of_each_tenant(
    many: Api, app_engine: Engine, make_key: KeyMaker
) -> None:
    narrow = many.as_caller(x_api_key=make_key("report:read", "report:personal", tenants=[OTHER]))
    found = read(narrow)
    assert {row["tenant_name"] for row in found["rows"]} == {"Fabrikam"}
    assert [one["name"] for one in found["tenants"]] == ["Fabrikam"]
    refused = narrow.get(f"{PATH}/users", tenants=f"{OTHER},{TENANT}")
    assert (refused.status, refused.json["code"]) == (403, "tenant_forbidden")
    masked = many.as_caller(x_api_key=make_key("report:read"))
    answer = masked.get(f"{PATH}/users")
    assert answer.headers["Kanri-Personal-Data"] == "masked"
    for tenant in (TENANT, OTHER):
        own = masked.get(f"/v1/tenants/{tenant}/reports/users", top=1000, orderBy="id").json
        names = [row["display_name"] for row in own["rows"]]
        assert names == [
            row["display_name"]
            for row in sorted(answer.json["rows"], key=lambda row: row["id"])
            if row["tenant_id"] == str(tenant)
        ]
    assert b"Con 0" not in answer.body
    withheld = masked.get(f"{PATH}/users", filter="inactive_days gt 9").json
    assert {one["code"] for one in withheld["tenants"]} == {"column_withheld"}
    assert withheld["rows"] == []
    nobody = many.as_caller(x_api_key=make_key("audit:read"))
    assert nobody.get(f"{PATH}/users").json["code"] == "permission_missing"


def test_a_tenant_that_is_named_and_not_there_is_refused_and_not_left_out(many: Api) -> None:
    unknown = UUID("44444444-4444-4444-8444-444444444444")
    assert many.send("DELETE", f"/v1/tenants/{EMPTY}", {}).status < 300
    for gone in (unknown, EMPTY):
        for asked in ({"tenants": f"{gone},{OTHER}"}, {"tenants": str(gone), "format": "csv"}):
            answer = many.send("GET", f"{PATH}/users", asked)
            told = answer.status, answer.json["code"], answer.json["parameter"]
            assert told == (404, "tenant_unknown", "tenant")


def test_a_tenant_lets_nobody_in_from_where_it_would_not_by_itself(many: Api) -> None:
    """Not even who may read every tenant; he is told, and the others are read."""
    inside, outside = ({"x-forwarded-for": one} for one in ("203.0.113.9", "198.51.100.1"))
    settings = replace(many.doors.settings(), trusted_proxies=1)
    behind = replace(many, doors=Doors(many.doors.engine, settings))
    lists = f"/v1/tenants/{OTHER}/addresses"
    only = json.dumps({"allowed": ["203.0.113.0/24"]}).encode()
    behind.send("PATCH", lists, {}, only, headers={"if-match": "*", **inside})
    own = f"/v1/tenants/{OTHER}/reports/users"
    assert behind.get(own, headers=outside).json["code"] == "address_not_allowed"
    found = behind.get(f"{PATH}/users", headers=outside, top=1000).json
    assert {row["tenant_name"] for row in found["rows"]} == {"Contoso"}
    told = {one["name"]: (one["state"], one["code"]) for one in found["tenants"]}
    assert told["Fabrikam"] == ("failed", "address_not_allowed")
    file = behind.get(f"{PATH}/users", headers=outside, format="csv")
    assert b"Con 00" in file.body
    assert b"Fab 00" not in file.body
    assert file.headers["Kanri-Tenants-Unread"] == f"{OTHER}=address_not_allowed"
    assert b"Fab 00" in behind.get(f"{PATH}/users", headers=inside, format="csv").body


def test_who_read_personal_data_stands_in_the_log_of_each_tenant(many: Api) -> None:
    read(many)
    for tenant, times in ((TENANT, 1), (OTHER, 1), (EMPTY, 0)):
        events = many.get(f"/v1/tenants/{tenant}/audit", filter="act eq 'report.read'").json
        assert len(events["rows"]) == times, tenant


def test_cursors_are_of_one_question(many: Api, make_key: KeyMaker) -> None:
    first = read(many, top=2)["cursor"]
    for api, asked in (
        (many, {"filter": "id eq 'u01'"}),
        (many, {"tenants": str(TENANT)}),
        (many.as_caller(x_api_key=make_key()), {}),
    ):
        answer = api.send("GET", f"{PATH}/users", {"cursor": first, **asked})
        assert (answer.status, answer.json["code"]) == (400, "cursor_foreign"), asked


@pytest.mark.parametrize("key", registry.report_keys())
def test_every_report_has_the_rows_of_its_tenants(odd: Api, key: str) -> None:
    columns = [column.id for column in of_every_tenant(registry.report(key)).columns]
    assert len(columns) == len(set(columns))
    found = read(odd, key, top=1000, tenants=str(TENANT))
    own = odd.get(f"/v1/tenants/{TENANT}/reports/{key}", top=1000).json["rows"]
    for row in found["rows"]:
        assert (row.pop("tenant_id"), row.pop("tenant_name")) == (str(TENANT), "Contoso")
    assert list(map(json.dumps, found["rows"])) == list(map(json.dumps, own))
