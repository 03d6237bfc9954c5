"""Files of the PowerShell tool by HTTP: dry run, import, the past as they told it, undone without a trace."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, text

from shared.core.person import Identity, Veil
from shared.store.persons.veiling import veil_registers
from shared.store.registers.imported_reports import ImportedReports
from shared.store.session.sessions import tenant_session
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.fixtures.audited import chain_of
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

IMPORTS, DONE = f"/v1/tenants/{TENANT}/imports", f"/v1/tenants/{TENANT}/imported-reports"
MAILBOX = f"/v1/tenants/{TENANT}/reports/mailbox"
NAME = "メールボックス管理_20250719_060000.csv"
AT, BEFORE = "2025-07-18T21:00:00Z", "2025-07-18T20:59:59Z"
HEAD = "メールアドレス,表示名,メールボックス種別,ストレージ使用量,ストレージ制限,使用率,ステータス"
LINES = (
    "a@contoso.example,安藤,ユーザー,512,1024,50.00,正常",
    "b@contoso.example,B'); --,共有,1000.25,1024,97.68,容量不足",
    "c@contoso.example,不明,N/A,,取得エラー,0,=1+1",
)


def file_of(*lines: str, head: str = HEAD) -> bytes:
    return "\r\n".join([head, *lines, ""]).encode("utf-8-sig")


def send(api: Api, body: bytes, path: str = IMPORTS, **query: str) -> Answer:
    asked = {"name": NAME, **query}
    return api.send("POST", path, asked, body, media_type="application/octet-stream")


def imported(api: Api, body: bytes, **query: str) -> dict[str, Any]:
    dry = send(api, body, **query)
    assert dry.json["state"] == "understood", dry.json
    done = send(api, body, digest=dry.json["digest"], **query)
    assert done.status == 200, done.json
    answer: dict[str, Any] = done.json
    return answer


def count(engine: Engine) -> list[int]:
    """What the two tables hold, read without a line of the product's."""
    with tenant_session(engine, TENANT) as connection:
        tables = ("imported_reports", "imported_report_rows")
        return [
            connection.execute(text(f"SELECT count(*) FROM kanri.{one}")).scalar_one()
            for one in tables
        ]


def test_a_dry_run_says_all_and_keeps_nothing(api: Api, app_engine: Engine) -> None:
    table = send(api, file_of(*LINES, "x,y")).json["table"]
    assert (table["report"], table["describedAt"], table["rows"]) == ("mailbox", AT, 3)
    assert (table["encoding"], table["separator"]) == ("utf-8 BOM", ",")
    assert [(one["code"], one["count"]) for one in table["dropped"]] == [("width", 1)]
    assert table["droppedLines"] == [{"line": 5, "code": "width"}]
    by_header = {one["header"]: one for one in table["columns"]}
    used = by_header["ストレージ使用量"]
    assert (used["column"], used["read"], used["blank"]) == ("storage_used_mb", 2, 1)
    assert [one["code"] for one in table["warnings"]] == ["no_domains"]
    assert count(app_engine) == [0, 0]
    assert api.get(DONE).json == {"importedReports": []}


def test_the_past_is_answered_as_the_file_told_it_and_says_so(api: Api, app_engine: Engine) -> None:
    done = imported(api, file_of(*LINES))
    assert api.get(MAILBOX, asOf=BEFORE).json["code"] == "as_of_too_early"
    answer = api.get(MAILBOX, asOf="2025-12-01T00:00:00Z", orderBy="email", count="true")
    told = answer.json
    assert (told["asOf"], told["totalCount"], told["rowCount"]) == (AT, 3, 3)
    (covered,) = told["coverage"]
    assert (covered["origin"], covered["importId"]) == ("import", done["importId"])
    assert f"import={done['importId']}" in answer.headers["Kanri-Coverage"]
    assert "Microsoft" in covered["note"]
    first, second, third = told["rows"]
    assert (first["storage_used_mb"], first["status"]) == (512.0, "normal")
    assert (second["display_name"], second["status"]) == ("B'); --", "full")
    assert (third["storage_used_mb"], third["mailbox_type"], third["item_count"]) == (None,) * 3
    assert "line" not in first
    assert "immutable" not in answer.headers["Cache-Control"]
    found = api.get(MAILBOX, asOf=AT, filter="contains(email,'B@CONTOSO')").json["rows"]
    assert [row["email"] for row in found] == ["b@contoso.example"]
    # From the first collection on only what was collected counts: never both.
    box = {"id": "m1", "user_principal_name": "z@x"}
    collect(app_engine, TENANT, "mailbox_usage", [box], report_date=date(2026, 1, 2))
    now = api.get(MAILBOX).json
    assert [row["email"] for row in now["rows"]] == ["z@x"]
    assert all("importId" not in one for one in now["coverage"])
    assert api.get(MAILBOX, asOf=AT).json["rowCount"] == 3


def test_figures_come_out_as_they_went_in(api: Api) -> None:
    imported(api, file_of(*LINES))
    query: dict[str, Any] = {"asOf": AT, "format": "csv", "compat": "powershell", "lang": "ja"}
    answer = api.get(MAILBOX, **query)
    out = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    sent = list(csv.reader(io.StringIO(file_of(*LINES).decode("utf-8-sig"))))
    assert out[0] == sent[0]
    total = [sum(float(line[n] or 0) for line in out[1:]) for n in (3, 5)]
    assert total == [512 + 1000.25, 50 + 97.68]
    assert sorted(line[0] for line in out[1:]) == sorted(line[0] for line in sent[1:])
    # What Kanri wrote of it is again a file of the tool.
    again = send(api, answer.body, name="メールボックス管理_20250720_060000.csv").json["table"]
    assert (again["report"], again["rows"], again["dropped"]) == ("mailbox", 3, [])


def test_a_workbook_that_kanri_wrote_says_the_same(api: Api) -> None:
    """Its writer shares nothing with the reader of workbooks."""
    head = "DisplayName,UserPrincipalName,AccountStatus,CreationDate,Department"
    line = "安藤,a@contoso.example,有効,2024-04-01 09:30:00,'=営業"
    imported(api, file_of(line, head=head), name="UserList_20250719_060000.csv")
    users = MAILBOX.replace("mailbox", "users")
    told = api.get(users, asOf=AT).json["rows"]
    assert told[0]["created_at"] == "2024-04-01T00:30:00Z"
    zone: dict[str, Any] = {"timeZone": "Asia/Tokyo"}
    for day, lang in (("20", "ja"), ("21", "en")):
        book = api.get(users, asOf=AT, format="xlsx", lang=lang, **zone).body
        imported(api, book, name=f"UserList_202507{day}_060000.xlsx", report="users")
        assert api.get(users, asOf=f"2025-07-{day}T00:00:00Z").json["rows"] == told, lang


def test_pages_of_equal_and_missing_values_add_up(api: Api) -> None:
    lines = [f"u{n:03}@contoso.example,,ユーザー,,,{n % 3},正常" for n in range(57)]
    imported(api, file_of(*lines))
    for order in ("status", "display_name desc", "usage_rate desc", "id"):
        answer = api.get(MAILBOX, asOf=AT, top="10", orderBy=order)
        seen = [row["email"] for row in answer.json["rows"]]
        while link := answer.json["nextLink"]:
            answer = api.follow(link)
            seen += [row["email"] for row in answer.json["rows"]]
        assert sorted(seen) == [f"u{n:03}@contoso.example" for n in range(57)], order


def test_who_may_not_see_persons_sees_none_in_files_either(api: Api, make_key: KeyMaker) -> None:
    imported(api, file_of(*LINES))
    reader = api.as_caller(x_api_key=make_key("report:read"))
    answer = reader.get(MAILBOX, asOf=AT, top="1")
    assert answer.headers["Kanri-Personal-Data"] == "masked"
    bodies = answer.body + reader.get(MAILBOX, asOf=AT, format="csv").body
    while link := answer.json["nextLink"]:
        answer = reader.follow(link)
        bodies += answer.body
    assert "安藤".encode() not in bodies
    assert b"contoso.example" not in bodies
    assert bodies.count(b"p_") >= 10


def test_what_no_api_tells_is_taken_for_personal(api: Api, make_key: KeyMaker) -> None:
    head = "会議ID,会議名,会議日時,主催者,参加者数,時間"
    body = file_of("m1,人員整理の件,2025-07-18 10:00,安藤,3,30", head=head)
    imported(api, body, name="会議品質分析_20250719_060000.csv")
    path = f"/v1/tenants/{TENANT}/reports/meetings"
    assert api.get(path, asOf=AT).json["rows"][0]["meeting_name"] == "人員整理の件"
    masked = api.as_caller(x_api_key=make_key("report:read")).get(path, asOf=AT)
    assert "人員整理".encode() not in masked.body
    assert masked.json["rows"][0]["participant_count"] == 3


def test_the_same_file_twice_changes_nothing_and_undone_leaves_no_trace(
    api: Api, app_engine: Engine
) -> None:
    done = imported(api, file_of(*LINES))
    assert (done["state"], count(app_engine)) == ("imported", [1, 3])
    again = imported(api, file_of(*LINES))
    assert (again["state"], again["importId"]) == ("unchanged", done["importId"])
    assert count(app_engine) == [1, 3]
    (one,) = api.get(DONE).json["importedReports"]
    assert (one["rows"], one["dropped"], one["describedAt"], one["dayOnly"]) == (3, 0, AT, False)
    assert api.get(f"{DONE}/{one['importId']}").json == one
    assert api.delete(f"{DONE}/{one['importId']}").status == 204
    assert count(app_engine) == [0, 0]
    assert api.get(MAILBOX, asOf=AT).json["code"] == "as_of_too_early"
    assert api.delete(f"{DONE}/{one['importId']}").json["code"] == "imported_report_unknown"
    acts = [one.act for one in chain_of(app_engine, TENANT)]
    assert acts.count("import.undo") >= 1


def test_only_the_file_that_was_looked_at_is_imported(api: Api, app_engine: Engine) -> None:
    digest = send(api, file_of(*LINES)).json["digest"]
    for body, query in (
        (file_of(*LINES[:2]), {}),
        (file_of(*LINES), {"name": f"x{NAME}"}),
        (file_of(*LINES), {"timeZone": "UTC"}),
    ):
        changed = send(api, body, digest=digest, **query)
        assert (changed.status, changed.json["code"]) == (409, "import_changed")
    half = file_of(*LINES)[:-6] + b'"x'
    look = send(api, half).json
    assert (look["state"], look["refused"]["code"]) == ("refused", "half")
    assert send(api, half, digest=look["digest"]).json["code"] == "import_refused"
    assert count(app_engine) == [0, 0]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"name": "mailbox.csv"}, "instant"),
        ({"name": "mailbox.csv", "describedAt": "2999-01-01T00:00:00Z"}, "future"),
        ({"name": "mailbox.csv", "describedAt": "2001-01-01T00:00:00Z"}, "too_old"),
        ({"report": "devices"}, "report"),
    ],
)
def test_what_cannot_be_placed_is_refused(api: Api, query: dict[str, str], code: str) -> None:
    look = send(api, file_of(*LINES), **query).json
    assert look["refused"]["code"] == code, look


def test_another_tenants_file_is_told_from_the_own(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "domains", [{"id": "fabrikam.example"}])
    warnings = send(api, file_of(*LINES)).json["table"]["warnings"]
    assert [one["code"] for one in warnings] == ["foreign"]
    collect(app_engine, TENANT, "domains", [{"id": "contoso.example"}])
    assert send(api, file_of(*LINES)).json["table"]["warnings"] == []


def test_files_are_kept_apart_by_tenant_and_go_with_it(api: Api, app_engine: Engine) -> None:
    done = imported(api, file_of(*LINES))
    other = f"/v1/tenants/{OTHER}"
    assert api.get(f"{other}/imported-reports").json == {"importedReports": []}
    assert api.get(f"{other}/imported-reports/{done['importId']}").status == 404
    assert api.get(f"{other}/reports/mailbox", asOf=AT).json["code"] == "as_of_too_early"
    with tenant_session(app_engine, OTHER) as connection:
        seen = connection.execute(text("SELECT count(*) FROM kanri.imported_report_rows")).scalar()
    assert seen == 0


def test_what_is_kept_no_longer_goes_by_night_and_what_is_held_stays(
    api: Api, app_engine: Engine
) -> None:
    from datetime import timedelta

    from shared.core import clock

    done = imported(api, file_of(*LINES))
    imports, later = ImportedReports(app_engine, TENANT), clock.now() + timedelta(days=4000)
    assert imports.retain(clock.now()) == 0
    hold = {"datasets": ["mailbox_usage"], "reason": "a case"}
    assert api.post(f"/v1/tenants/{TENANT}/legal-holds", hold).status == 201
    assert imports.retain(later) == 0
    assert api.delete(f"{DONE}/{done['importId']}").json["code"] == "tenant_on_hold"
    with tenant_session(app_engine, TENANT) as connection:
        connection.execute(text("UPDATE kanri.legal_holds SET lifted_at = now()"))
    assert imports.retain(later) == 1
    assert count(app_engine) == [0, 0]


def test_who_is_erased_is_erased_from_imported_files(api: Api, app_engine: Engine) -> None:
    imported(api, file_of(*LINES))
    identity = Identity(frozenset({"A@contoso.example", "安藤"}))
    veil = Veil(identity, "k")
    assert veil_registers(app_engine, TENANT, identity, veil) == 1
    rows = api.get(MAILBOX, asOf=AT, orderBy="storage_used_mb").json["rows"]
    assert rows[0]["email"] == veil.pseudonym("a@contoso.example")
    assert rows[0]["storage_used_mb"] == 512.0
    assert rows[1]["email"] == "b@contoso.example"
