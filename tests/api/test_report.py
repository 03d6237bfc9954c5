"""Reports over the API: rows, paging, time travel, freshness, caching, CSV."""

import csv
import gzip
import io
import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.api.conftest import OTHER, TENANT, Api
from tests.fixtures.seed import Object, collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/reports"
YESTERDAY = clock.now() - timedelta(days=1)


def since_yesterday() -> float:
    """The age of what was collected then: the file may be imported long before its tests run."""
    return (clock.now() - YESTERDAY).total_seconds()


def person(number: int, **more: object) -> Object:
    return {
        "id": f"u{number:03}",
        "display_name": f"Name {number % 7}" if number % 5 else None,
        "user_principal_name": f"user{number}@contoso.example",
        "department": "営業部" if number % 2 else "R&D",
        "account_enabled": number % 3 != 0,
        "assigned_licenses": [],
        "created_at": datetime(2024, 1, 1, tzinfo=UTC),
        **more,
    }


@pytest.fixture
def people(api: Api, app_engine: Engine) -> Api:
    collect(app_engine, TENANT, "users", [person(number) for number in range(50)], at=YESTERDAY)
    return api


def test_the_list_names_every_report_in_the_callers_language(api: Api) -> None:
    answer = api.get(PATH, lang="ja").json
    titles = {report["report"]: report["title"] for report in answer["reports"]}
    assert titles["users"] == "ユーザー一覧"
    assert len(titles) >= 9


def test_an_answer_says_what_it_is_how_old_and_how_complete(people: Api) -> None:
    answer = people.get(f"{PATH}/users", select="id,department,risk_level", count="true").json
    assert answer["report"] == "users"
    assert answer["tenantId"] == str(TENANT)
    assert answer["rowCount"] == 50
    assert answer["totalCount"] == 50
    assert answer["nextLink"] is None
    assert list(answer["rows"][0]) == ["id", "department", "risk_level"]
    coverage = {entry["dataset"]: entry for entry in answer["coverage"]}
    assert coverage["users"]["state"] == "ok"
    assert 86_400 <= coverage["users"]["ageSeconds"] <= since_yesterday()
    assert coverage["users"]["rows"] == 50
    assert coverage["sign_in_activity"]["state"] == "never"
    assert answer["ageSeconds"] is None
    labels = {column["id"]: column.get("labels") for column in answer["columns"]}
    assert labels["risk_level"]["high"] == "High"


def test_pages_put_together_are_the_whole_in_any_order(people: Api) -> None:
    for order in ("display_name", "display_name desc", "department,display_name desc", "id desc"):
        whole = people.get(f"{PATH}/users", orderBy=order, top=1000, select="id").json["rows"]
        answer = people.get(f"{PATH}/users", orderBy=order, top=7, select="id")
        parts = list(answer.json["rows"])
        while link := answer.json["nextLink"]:
            assert f'<{link}>; rel="next"' == answer.headers["Link"]
            answer = people.follow(link)
            assert answer.status == 200, answer.json
            parts += answer.json["rows"]
        assert parts == whole
        assert len({row["id"] for row in parts}) == 50


def test_filters_choose_rows(people: Api) -> None:
    def ids(text: str) -> set[str]:
        answer = people.get(f"{PATH}/users", filter=text, select="id", top=1000)
        assert answer.status == 200, answer.json
        return {row["id"] for row in answer.json["rows"]}

    assert ids("startswith(user_principal_name,'user1')") == {"u001"} | {
        f"u{number:03}" for number in range(10, 20)
    }
    assert len(ids("department eq '営業部' and account_status eq 'disabled'")) == 8
    assert ids("display_name eq null") == {f"u{number:03}" for number in range(0, 50, 5)}
    assert len(ids("not (display_name in ('Name 1','Name 2'))")) == 38
    assert ids("contains(display_name,'NAME 3') and endswith(id,'3')") == {"u003"}
    assert len(ids("created_at lt 2024-06-01T00:00:00+09:00")) == 50


def test_as_of_answers_what_was_known_then(people: Api, app_engine: Engine) -> None:
    moved = [person(number, department="総務部") for number in range(40)]
    collect(app_engine, TENANT, "users", moved, at=YESTERDAY + timedelta(hours=12))
    now = people.get(f"{PATH}/users", count="true", filter="department eq '総務部'").json
    assert now["totalCount"] == 40
    then = (YESTERDAY + timedelta(hours=1)).isoformat()
    before = people.get(f"{PATH}/users", asOf=then, count="true", top=1).json
    assert before["totalCount"] == 50
    assert datetime.fromisoformat(before["asOf"]) == YESTERDAY + timedelta(hours=1)
    gone = people.get(f"{PATH}/users", asOf=then, filter="department eq '総務部'").json
    assert gone["rowCount"] == 0


def test_an_instant_a_little_ahead_of_our_clock_is_now(people: Api) -> None:
    for ahead, status in ((timedelta(seconds=2), 200), (timedelta(minutes=5), 400)):
        asked = clock.now() + ahead
        answer = people.get(f"{PATH}/users", asOf=asked.isoformat(), top=20, count="true")
        assert answer.status == status, answer.json
        if status == 200:
            assert answer.json["totalCount"] == 50
            assert datetime.fromisoformat(answer.json["asOf"]) <= clock.now()
            rest = people.follow(answer.json["nextLink"]).json
            assert rest["asOf"] == answer.json["asOf"]
            assert {row["id"] for row in rest["rows"]}.isdisjoint(
                row["id"] for row in answer.json["rows"]
            )


def test_a_copy_that_is_still_right_is_confirmed_without_rows(
    people: Api, app_engine: Engine
) -> None:
    first = people.get(f"{PATH}/users", top=5)
    tag = first.headers["ETag"]
    again = people.get(f"{PATH}/users", {"if-none-match": tag}, top=5)
    assert (again.status, again.body) == (304, b"")
    assert people.get(f"{PATH}/users", {"if-none-match": tag}, top=6).status == 200
    assert people.get(f"{PATH}/users", {"if-none-match": tag}, top=5, lang="ja").status == 200
    collect(app_engine, TENANT, "users", [person(1, department="new")])
    assert people.get(f"{PATH}/users", {"if-none-match": tag}, top=5).status == 200


def test_answers_are_private_and_compressed_over_one_kilobyte(people: Api) -> None:
    answer = people.get(f"{PATH}/users", {"accept-encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"].startswith("private")
    assert json.loads(gzip.decompress(answer.body))["rowCount"] == 50


def test_what_could_not_be_read_is_told(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "sign_ins", [], state="not_licensed", cause="graph_not_licensed")
    (coverage,) = api.get(f"{PATH}/signin").json["coverage"]
    assert (coverage["state"], coverage["cause"]) == ("not_licensed", "graph_not_licensed")
    assert coverage["completeAt"] is None


def test_csv_has_a_mark_words_and_no_formulas(api: Api, app_engine: Engine) -> None:
    names = ['=cmd|"/c calc"!A1', "+1", "-1", "@x", "Plain, with comma", "改行\nあり"]
    objects = [person(n + 1, display_name=name) for n, name in enumerate(names)]
    collect(app_engine, TENANT, "users", objects, at=YESTERDAY)
    answer = api.get(
        f"{PATH}/users", format="csv", lang="ja", select="id,display_name,account_status,created_at"
    )
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Kanri-Row-Count"] == "6"
    [age] = re.findall(r"^users=ok;age=(\d+)", answer.headers["Kanri-Coverage"])
    assert 86_400 <= int(age) <= since_yesterday()
    assert "sign_in_activity=never" in answer.headers["Kanri-Coverage"]
    assert answer.body.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""))
    assert header == ["オブジェクト ID", "表示名", "アカウントステータス", "作成日"]
    found = {row[0]: row[1:] for row in rows}
    assert found["u001"] == ["'" + names[0], "有効", "2024-01-01T00:00:00Z"]
    assert found["u003"][1] == "無効"
    assert [found[f"u00{n}"][0] for n in (2, 3, 4)] == ["'+1", "'-1", "'@x"]
    assert [found[f"u00{n}"][0] for n in (5, 6)] == names[4:]


def test_compat_writes_the_file_of_the_powershell_tool(people: Api) -> None:
    english = people.get(f"{PATH}/users", format="csv", compat="powershell")
    first, second, *_ = english.body.decode("utf-8-sig").split("\r\n")
    assert first == (
        '"DisplayName","UserPrincipalName","Email","Department","JobTitle","AccountStatus",'
        '"LicenseStatus","CreationDate","LastSignIn","UsageLocation","Id"'
    )
    assert '"2024-01-01 09:00:00"' in second
    assert "\n" not in english.body.decode().replace("\r\n", "")
    japanese = people.get(
        f"{PATH}/users", format="csv", compat="powershell", lang="ja", timeZone="UTC"
    )
    first, second, *_ = japanese.body.decode("utf-8-sig").split("\r\n")
    assert first == (
        '"ユーザー名","メールアドレス","表示名","部署","役職","最終ログイン","作成日","ステータス"'
    )
    assert '"2024-01-01 00:00:00"' in second


def test_another_tenants_rows_never_show(people: Api, app_engine: Engine) -> None:
    collect(app_engine, OTHER, "users", [person(900, department="secret")])
    answer = people.get(f"{PATH}/users", top=1000)
    assert b"secret" not in answer.body
    other = people.get(f"/v1/tenants/{OTHER}/reports/users")
    assert [row["id"] for row in other.json["rows"]] == ["u900"]


def test_every_report_answers_in_both_formats_and_languages(api: Api, app_engine: Engine) -> None:
    day = date.fromisoformat("2026-11-01")
    collect(app_engine, TENANT, "mailbox_usage", [{"id": "m"}], report_date=day, at=YESTERDAY)
    for report in api.get(PATH).json["reports"]:
        for lang in ("en", "ja"):
            answer = api.get(f"{PATH}/{report['report']}", lang=lang)
            assert answer.status == 200, answer.json
            exported = api.get(f"{PATH}/{report['report']}", lang=lang, format="csv")
            assert exported.status == 200, exported.json
