"""Who may not see personal data gets pseudonyms and nothing else: in every format, filter and order."""

import csv
import io
import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, update

from shared.core.role import lineage
from shared.core.role_permissions import ROLE_PERMISSIONS
from shared.store.registers.api_key_table import API_KEYS
from shared.store.session.sessions import operator_session
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.catalog.reports.answers import days_ago
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/reports"
DAY = date(2026, 11, 26)
PSEUDONYM = re.compile(r"p_[0-9a-f]{16}")
NAMES = {"u1": "Sato Hanako", "u2": "Suzuki Taro", "u3": "Sato Hanako", "u4": None}


def mail(name: str) -> str:
    return f"{name}@contoso.example"


@pytest.fixture
def people(api: Api, app_engine: Engine) -> Api:
    for tenant in (TENANT, OTHER):
        fill(app_engine, tenant)
    return api


def fill(engine: Engine, tenant: UUID) -> None:
    users = [
        {
            "id": key,
            "display_name": name,
            "user_principal_name": mail(key.upper()),
            "mail": mail(key),
            "department": "Sales" if key < "u3" else "Labs",
            "job_title": "Manager",
            "account_enabled": True,
            "created_at": datetime(2024, 1, 1, tzinfo=UTC),
            "last_password_change_at": days_ago(400),
        }
        for key, name in NAMES.items()
    ]
    collect(engine, tenant, "users", users)
    activity: list[Object] = [{"id": "u1", "last_successful_sign_in_at": days_ago(3)}, {"id": "u2"}]
    collect(engine, tenant, "sign_in_activity", activity)
    boxes = [
        {
            "id": mail(key),
            "user_principal_name": mail(key),
            "item_count": 5,
            "last_activity_date": DAY,
        }
        for key in NAMES
    ]
    collect(engine, tenant, "mailbox_usage", boxes, report_date=DAY)


@pytest.fixture
def masked(people: Api, make_key: KeyMaker) -> Api:
    return people.as_caller(x_api_key=make_key("report:read"))


def column(answer: Answer, name: str) -> dict[str, object]:
    return {row["id"]: row[name] for row in answer.json["rows"]}


def test_texts_become_pseudonyms_and_all_else_that_is_personal_is_withheld(masked: Api) -> None:
    answer = masked.get(f"{PATH}/users")
    assert answer.headers["Kanri-Personal-Data"] == "masked"
    names, days = column(answer, "display_name"), column(answer, "inactive_days")
    assert all(PSEUDONYM.fullmatch(str(names[key])) for key in ("u1", "u2", "u3"))
    assert names["u1"] == names["u3"] != names["u2"]
    assert names["u4"] is None
    assert set(days.values()) == {None}
    assert set(column(answer, "department").values()) == {"Sales", "Labs"}
    told = {entry["id"]: entry for entry in answer.json["columns"]}
    assert told["display_name"]["masked"] == "pseudonym"
    assert told["inactive_days"]["masked"] == "withheld"
    assert "report:personal" in told["inactive_days"]["unavailable"]
    assert "masked" not in told["department"]
    for text in (*filter(None, NAMES.values()), "contoso.example", "Manager"):
        assert text.encode() not in answer.body


def test_who_may_see_personal_data_sees_it(people: Api, make_key: KeyMaker) -> None:
    seeing = people.as_caller(x_api_key=make_key("report:read", "report:personal"))
    answer = seeing.get(f"{PATH}/users", filter="startswith(display_name,'Sato')")
    assert answer.headers["Kanri-Personal-Data"] == "shown"
    assert column(answer, "display_name") == {"u1": "Sato Hanako", "u3": "Sato Hanako"}
    assert not any("masked" in entry for entry in answer.json["columns"])


def test_every_role_reads_reports_and_those_that_include_the_reader_see_names() -> None:
    for role, permissions in ROLE_PERMISSIONS.items():
        assert "report:read" in permissions
        assert ("report:personal" in permissions) == ("reader" in lineage(role)), role


def test_a_pseudonym_joins_reports_formats_and_spellings_but_no_tenants(masked: Api) -> None:
    users = masked.get(f"{PATH}/users").json["rows"]
    boxes = masked.get(f"{PATH}/mailbox").json["rows"]
    emails = {row["email"] for row in users}
    assert emails == {row["email"] for row in boxes}
    assert {row["user_principal_name"] for row in users} == emails, "letter case does not count"
    exported = masked.get(f"{PATH}/users", format="csv", select="id,email")
    rows = list(csv.reader(io.StringIO(exported.body.decode("utf-8-sig"))))
    assert dict(rows[1:]) == {row["id"]: row["email"] for row in users}
    assert exported.headers["Kanri-Personal-Data"] == "masked"
    other = masked.get(f"/v1/tenants/{OTHER}/reports/users").json["rows"]
    assert emails.isdisjoint(row["email"] for row in other)


def test_the_powershell_file_is_masked_as_well(masked: Api) -> None:
    for lang in ("en", "ja"):
        answer = masked.get(f"{PATH}/users", format="csv", compat="powershell", lang=lang)
        assert answer.status == 200
        lines = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
        assert len(lines) == 5
        assert b"contoso.example" not in answer.body
        assert PSEUDONYM.search(answer.body.decode())


def test_a_filter_goes_by_the_pseudonym_and_never_by_the_name(masked: Api) -> None:
    def ids(text: str) -> set[str]:
        answer = masked.get(f"{PATH}/users", filter=text, count="true")
        assert answer.status == 200, answer.json
        assert answer.json["totalCount"] == answer.json["rowCount"]
        return {row["id"] for row in answer.json["rows"]}

    names = column(masked.get(f"{PATH}/users"), "display_name")
    assert ids(f"display_name eq '{names['u1']}'") == {"u1", "u3"}
    assert ids(f"startswith(display_name,'{str(names['u2'])[:9]}')") == {"u2"}
    assert ids(f"contains(display_name,'{str(names['u2'])[4:]}')") == {"u2"}
    assert ids("display_name eq null") == {"u4"}
    for real in ("display_name eq 'Sato Hanako'", "contains(display_name,'Hanako')"):
        assert ids(real) == set()
    assert ids("not contains(user_principal_name,'contoso')") == set(NAMES)
    assert ids("display_name lt 'p'") == set()


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"filter": "inactive_days gt 90"}, "filter"),
        (
            {"filter": "department eq 'Sales' or not (activity_status in ('stale', 'normal'))"},
            "filter",
        ),
        ({"filter": "last_used_at eq null"}, "filter"),
        ({"orderBy": "department,password_age_days desc"}, "orderBy"),
        ({"preset": "stale"}, "filter"),
    ],
)
def test_what_is_withheld_neither_chooses_nor_orders(
    masked: Api, query: dict[str, str], parameter: str
) -> None:
    answer = masked.send("GET", f"{PATH}/users", query)
    assert (answer.status, answer.json["code"]) == (403, "column_withheld")
    assert answer.json["parameter"] == parameter
    assert "report:personal" in answer.json["detail"]


def test_an_order_goes_by_the_pseudonym_and_pages_add_up(masked: Api) -> None:
    for order in ("display_name", "email desc,display_name", "department,user_principal_name"):
        whole = masked.get(f"{PATH}/users", orderBy=order).json["rows"]
        answer = masked.get(f"{PATH}/users", orderBy=order, top=1)
        parts = list(answer.json["rows"])
        while link := answer.json["nextLink"]:
            answer = masked.follow(link)
            parts += answer.json["rows"]
        assert parts == whole
        assert len(parts) == len(NAMES)
    emails = [row["email"] for row in masked.get(f"{PATH}/users", orderBy="email").json["rows"]]
    assert emails == sorted(emails)


def test_the_reports_own_order_leaves_masked_columns_out(masked: Api) -> None:
    assert list(column(masked.get(f"{PATH}/users"), "id")) == sorted(NAMES)


def test_copies_and_cursors_of_one_who_sees_are_not_those_of_one_who_does_not(
    people: Api, app_engine: Engine, make_key: KeyMaker
) -> None:
    """The same question of the same key, before and after its permission was taken away."""
    masked = people.as_caller(x_api_key=make_key("report:read", "report:personal"))
    first = masked.get(f"{PATH}/users", top=1, orderBy="id")
    with operator_session(app_engine) as connection:
        connection.execute(update(API_KEYS).values(permissions=["report:read"]))
    again = masked.get(
        f"{PATH}/users", {"if-none-match": first.headers["ETag"]}, top=1, orderBy="id"
    )
    assert again.status == 200
    kept = masked.get(
        f"{PATH}/users", {"if-none-match": again.headers["ETag"]}, top=1, orderBy="id"
    )
    assert (kept.status, kept.headers["Kanri-Personal-Data"]) == (304, "masked")
    foreign = masked.get(f"{PATH}/users", top=1, orderBy="id", cursor=first.json["cursor"])
    assert (foreign.status, foreign.json["code"]) == (400, "cursor_foreign")


def test_the_list_of_reports_and_the_description_say_what_is_masked(masked: Api) -> None:
    reports = {entry["report"]: entry for entry in masked.get(PATH).json["reports"]}
    found = {entry["id"]: entry.get("masked") for entry in reports["users"]["columns"]}
    assert (found["email"], found["last_used_at"], found["id"]) == ("pseudonym", "withheld", None)
    schemas = masked.get("/openapi.json").json["components"]["schemas"]
    row = schemas["UsersRow"]["properties"]
    assert row["email"]["x-kanri-masked"] == "pseudonym"
    assert row["last_used_at"]["x-kanri-masked"] == "withheld"
    assert "x-kanri-masked" not in row["department"]
