"""Bad input: each kind has its own problem, names what is wrong, and changes nothing."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from shared.core import clock
from tests.api.conftest import TENANT, Api, KeyMaker
from tests.api.refused.refusal import NOBODY, REPORT, SOON, refused, state
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        ({"topp": "1"}, "parameter_unknown", "topp"),
        ({"$filter": "id eq 'x'"}, "parameter_unknown", "$filter"),
        ({"top": "0"}, "number_expected", "top"),
        ({"top": "1001"}, "number_expected", "top"),
        ({"top": "ten"}, "number_expected", "top"),
        ({"top": "1,2"}, "number_expected", "top"),
        ({"count": "yes"}, "value_not_allowed", "count"),
        ({"format": "xml"}, "value_not_allowed", "format"),
        ({"lang": "fr"}, "value_not_allowed", "lang"),
        ({"format": "csv", "compat": "excel"}, "value_not_allowed", "compat"),
        ({"compat": "powershell"}, "parameter_not_with_format", "compat"),
        ({"format": "csv", "top": "5"}, "parameter_not_with_format", "top"),
        (
            {"format": "csv", "compat": "powershell", "timeZone": "Mars/Base"},
            "time_zone_unknown",
            "timeZone",
        ),
        ({"format": "csv", "timeZone": "Asia/Tokyo"}, "parameter_needs", "timeZone"),
        (
            {"format": "csv", "compat": "powershell", "timeZone": "posix/Asia/Tokyo"},
            "time_zone_unknown",
            "timeZone",
        ),
        ({"filter": "not " * 30 + "id eq 'x'"}, "filter_too_long", "filter"),
        ({"filter": " or ".join(["id eq 'x'"] * 101)}, "filter_too_long", "filter"),
        ({"filter": f"id in ({','.join(['null'] * 201)})"}, "filter_too_long", "filter"),
        ({"filter": "inactive_days eq 9223372036854775808"}, "filter_type", "filter"),
        ({"top": "１"}, "number_expected", "top"),
        ({"asOf": "0001-01-01T00:00:00+14:00"}, "instant_expected", "asOf"),
        (
            {"format": "csv", "compat": "powershell", "timeZone": "../../etc/passwd"},
            "time_zone_unknown",
            "timeZone",
        ),
        ({"asOf": "yesterday"}, "instant_expected", "asOf"),
        ({"asOf": "2026-01-01T00:00:00"}, "instant_expected", "asOf"),
        ({"asOf": SOON}, "as_of_future", "asOf"),
        ({"asOf": "2001-01-01T00:00:00Z"}, "as_of_too_early", "asOf"),
        ({"filter": "id eq"}, "filter_syntax", "filter"),
        ({"filter": "salary gt 1"}, "column_unknown", "filter"),
        ({"filter": "inactive_days eq 'x'"}, "filter_type", "filter"),
        ({"filter": "id eq '\0'"}, "parameter_malformed", "filter"),
        ({"filter": "id eq '\ud800'"}, "parameter_malformed", "filter"),
        ({"orderBy": "salary"}, "column_unknown", "orderBy"),
        ({"orderBy": "id up"}, "order_malformed", "orderBy"),
        ({"orderBy": ""}, "column_unknown", "orderBy"),
        ({"select": "id,salary"}, "column_unknown", "select"),
        ({"cursor": "abc"}, "cursor_malformed", "cursor"),
        ({"cursor": "W10"}, "cursor_malformed", "cursor"),
    ],
)
def test_a_wrong_parameter_is_named(
    api: Api, app_engine: Engine, query: dict[str, str], code: str, parameter: str
) -> None:
    collect(app_engine, TENANT, "users", [{"id": "u"}])
    before = state(app_engine)
    for lang in ("en", "ja"):
        spoken = {"accept-language": lang}
        answer = api.send("GET", REPORT, query, headers=spoken)
        refused(answer, 400, code, parameter)
    assert state(app_engine) == before


@pytest.mark.parametrize(
    ("query", "fix"),
    [
        ({"filter": 'id eq "x"'}, "単一引用符"),
        ({"filter": "id eq"}, "期待される要素: 値"),
        ({"filter": "inactive_days eq 'x'"}, "整数"),
        ({"filter": "not " * 30 + "id eq 'x'"}, "入れ子の深さの上限: 20"),
        ({"select": "salary"}, "display_name"),
        ({"asOf": "2001-01-01T00:00:00Z"}, "2001-01-01T00:00:00Z"),
    ],
)
def test_a_problem_tells_the_fix_in_the_language_asked_for(
    api: Api, query: dict[str, str], fix: str
) -> None:
    english = api.send("GET", REPORT, {**query, "lang": "en"}, headers={"accept-language": "ja"})
    japanese = api.send("GET", REPORT, {**query, "lang": "ja"}, headers={"accept-language": "en"})
    assert fix in japanese.json["detail"]
    assert english.json["detail"].isascii()
    assert (english.json["code"], japanese.json["title"]) == (
        japanese.json["code"],
        "要求が正しくありません",
    )


def test_a_language_we_do_not_speak_is_refused_in_the_one_that_is_accepted(api: Api) -> None:
    answer = api.send("GET", REPORT, {"lang": "fr"}, headers={"accept-language": "ja"})
    assert "指定できません" in answer.json["detail"]


def test_the_widest_and_the_deepest_filters_are_answered(api: Api) -> None:
    wide = " or ".join(["(id eq 'x' and id ne 'y')"] * 33)
    deep = "(" * 18 + "not id eq 'x'" + ")" * 18
    for text_ in (wide, deep):
        assert api.get(REPORT, filter=text_, count="true").status == 200


def test_a_column_without_order_is_named(api: Api) -> None:
    answer = api.get(f"/v1/tenants/{TENANT}/reports/mfa", orderBy="methods_registered")
    refused(answer, 400, "column_not_sortable", "orderBy")


def test_a_cursor_of_another_question_is_refused(api: Api, app_engine: Engine) -> None:
    collect(app_engine, TENANT, "users", [{"id": "a"}, {"id": "b"}])
    cursor = api.get(REPORT, top=1).json["cursor"]
    assert api.get(REPORT, top=1, cursor=cursor).json["rowCount"] == 1
    for other in ({"orderBy": "id"}, {"filter": "id ne 'x'"}):
        refused(
            api.send("GET", REPORT, {"cursor": cursor, **other}), 400, "cursor_foreign", "cursor"
        )


@pytest.mark.parametrize(
    ("path", "status", "code", "parameter"),
    [
        (f"/v1/tenants/{NOBODY}/reports/users", 404, "tenant_unknown", "tenant"),
        (f"/v1/tenants/{NOBODY}/collections", 404, "tenant_unknown", "tenant"),
        (f"/v1/tenants/{NOBODY}/ledger", 404, "tenant_unknown", "tenant"),
        (f"/v1/tenants/{NOBODY}", 404, "tenant_unknown", "tenant"),
        ("/v1/tenants/contoso/reports/users", 400, "guid_expected", "tenant"),
        (f"/v1/tenants/{TENANT}/reports/salaries", 404, "report_unknown", "report"),
        (f"/v1/tenants/{TENANT}/ledger?dataset=salaries", 404, "dataset_unknown", "dataset"),
    ],
)
def test_what_is_not_there_is_named(
    api: Api, path: str, status: int, code: str, parameter: str
) -> None:
    plain, _, query = path.partition("?")
    pairs = dict(part.split("=") for part in query.split("&") if part)
    refused(api.send("GET", plain, pairs), status, code, parameter)


def test_a_refusal_names_the_caller_in_the_log(
    api: Api, make_key: KeyMaker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "kanri")
    until = (clock.now() + timedelta(minutes=30)).isoformat()
    body = {"name": "Hanako Sato", "permissions": ["report:read"], "expiresAt": until}
    made = api.post("/v1/keys", body).json
    caller = f"key:{made['details']['keyId']}"
    key = api.as_caller(x_api_key=made["key"])
    refused(key.get("/v1/tenants"), 403, "permission_missing", None)
    refused(key.get(REPORT, top="0"), 400, "number_expected", "top")
    api.delete(f"/v1/keys/{made['details']['keyId']}")
    refused(key.get(REPORT), 401, "key_invalid", None)
    lines = [json.loads(record.message) for record in caplog.records]
    said = [
        (line["event"], line.get("code", line.get("reason")))
        for line in lines
        if line.get("caller") == caller
    ]
    assert said == [
        ("request_refused", "permission_missing"),
        ("request_refused", "number_expected"),
        ("key_refused", "revoked"),
        ("request_refused", "key_invalid"),
    ]
    assert "Hanako" not in caplog.text
    assert made["key"] not in caplog.text


def test_nobody_gets_in_without_a_good_key(api: Api, make_key: KeyMaker) -> None:
    cases = {
        "": "credentials_missing",
        "nonsense": "token_not_accepted",
        "kanri_test_" + "x" * 43: "key_invalid",
        "kanri_test_\ud800": "key_invalid",
        "kanri_test_' OR 1=1 --": "key_invalid",
        "kanri_live_" + "x" * 43: "key_elsewhere",
        make_key(hours=-1): "key_invalid",
    }
    revoked = make_key()
    for key in api.get("/v1/keys").json["keys"]:
        if key["revokedAt"] is None and key["keyId"] == _newest(api):
            assert api.delete(f"/v1/keys/{key['keyId']}").status == 204
    cases[revoked] = "key_invalid"
    for credential, code in cases.items():
        answer = api.as_caller(authorization=f"Bearer {credential}").get(REPORT)
        refused(answer, 401, code, None)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


def _newest(api: Api) -> str:
    keys = api.get("/v1/keys").json["keys"]
    return str(max(keys, key=lambda key: key["createdAt"])["keyId"])
