"""Bad bodies and bad keys: each has its own problem, names what is wrong, and changes nothing."""

import json

import pytest
from sqlalchemy import Engine

from tests.api.conftest import TENANT, Api
from tests.api.refused.refusal import NOBODY, SOON, refused, state

pytestmark = pytest.mark.stack


BODY = json.dumps({"tenantId": NOBODY, "displayName": "x"}).encode()


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code", "parameter"),
    [
        (BODY, "text/plain", 415, "media_type_unsupported", "Content-Type"),
        (BODY, "", 415, "media_type_unsupported", "Content-Type"),
        (b"x" * 1_000_001, "application/json", 413, "body_too_large", "body"),
        (b"", "application/json", 400, "body_not_json", "body"),
        (b"{", "application/json", 400, "body_not_json", "body"),
        (b"\xff\xfe", "application/json", 400, "body_not_json", "body"),
        (b"[]", "application/json", 400, "body_invalid", "body"),
        (b"{}", "application/json", 400, "body_field_missing", "tenantId"),
        (b"\xef\xbb\xbf{}", "application/json", 400, "body_field_missing", "tenantId"),
        (b'{"tenantId": "x"}', "application/json", 400, "body_invalid", "tenantId"),
        (BODY.replace(b'"x"', b"1"), "application/json", 400, "body_invalid", "displayName"),
        (BODY.replace(b'"x"', b'""'), "application/json", 400, "body_invalid", "displayName"),
        (
            BODY.replace(b'"x"', rb'"a\u0000b"'),
            "application/json",
            400,
            "body_invalid",
            "displayName",
        ),
        (
            BODY.replace(b'"x"', rb'"a\r\nb"'),
            "application/json",
            400,
            "body_invalid",
            "displayName",
        ),
        (BODY.replace(b'"x"', rb'"\ud800"'), "application/json", 400, "body_not_json", "body"),
        (b"[" * 100_000, "application/json", 400, "body_invalid", "body"),
        (
            BODY.replace(b"displayName", b"name"),
            "application/json",
            400,
            "body_field_unknown",
            "name",
        ),
    ],
)
def test_a_wrong_body_is_refused(
    api: Api,
    app_engine: Engine,
    body: bytes,
    media_type: str,
    status: int,
    code: str,
    parameter: str,
) -> None:
    before = state(app_engine)
    answer = api.send("POST", "/v1/tenants", {}, body, media_type=media_type)
    refused(answer, status, code, parameter)
    assert state(app_engine) == before


@pytest.mark.parametrize(
    ("changes", "parameter", "en", "ja"),
    [
        ({"name": 5}, "name", "string, not number", "string"),
        ({"name": ""}, "name", "length must be >= 1", "長さは >= 1"),
        ({"name": "a\n"}, "name", "control characters", "制御文字"),
        ({"expiresAt": "2030-01-01T00:00:00"}, "expiresAt", "with an offset", "オフセット付き"),
        ({"expiresAt": "soon"}, "expiresAt", "with an offset", "オフセット付き"),
        ({"environment": "prod"}, "environment", "'prod' is not one", "'prod' は"),
        ({"tenantIds": ["x"]}, "tenantIds[0]", "GUID", "GUID を指定"),
        ({"permissions": ["world:rule"]}, "permissions", "report:read", "report:read"),
        ({"salary": 1}, "salary", "It may have: name,", "使用できる項目: name,"),
    ],
)
def test_a_wrong_field_of_a_body_is_explained_in_both_languages(
    api: Api, changes: dict[str, object], parameter: str, en: str, ja: str
) -> None:
    body = {"name": "k", "permissions": ["report:read"], "expiresAt": SOON} | changes
    for lang, fix in (("en", en), ("ja", ja)):
        answer = api.post("/v1/keys", body, lang=lang)
        assert (answer.status, answer.json["parameter"]) == (400, parameter), answer.json
        assert fix in answer.json["detail"], answer.json
        assert answer.json["detail"].isascii() == (lang == "en")


def test_collecting_an_unknown_dataset_starts_nothing(api: Api, app_engine: Engine) -> None:
    before = state(app_engine)
    path = f"/v1/tenants/{TENANT}/collections"
    answer = api.post(path, {"datasets": ["users", "salaries"]})
    refused(answer, 404, "dataset_unknown", "dataset")
    assert answer.messages == ()
    assert state(app_engine) == before


@pytest.mark.parametrize(
    ("changes", "code", "parameter"),
    [
        ({"permissions": ["report:read", "world:rule"]}, "permission_unknown", "permissions"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiry_past", "expiresAt"),
        ({"expiresAt": "2030-01-01T00:00:00"}, "body_invalid", "expiresAt"),
        ({"expiresAt": "9999-12-31T23:59:59-23:59"}, "expiry_far", "expiresAt"),
        ({"name": "a\0b"}, "body_invalid", "name"),
        ({"environment": "prod"}, "body_invalid", "environment"),
        ({"tenantIds": []}, "body_invalid", "tenantIds"),
    ],
)
def test_a_wrong_key_is_not_made(
    api: Api, app_engine: Engine, changes: dict[str, object], code: str, parameter: str
) -> None:
    before = state(app_engine)
    body = {"name": "k", "permissions": ["report:read"], "expiresAt": SOON} | changes
    refused(api.post("/v1/keys", body), 400, code, parameter)
    assert state(app_engine) == before


@pytest.mark.parametrize(
    ("days", "code"),
    [("61.0", None), ("6.1e1", None), ("61.5", "body_invalid"), ("1e400", "body_invalid")],
)
def test_a_number_is_whole_by_its_value(api: Api, days: str, code: str | None) -> None:
    path = f"/v1/tenants/{TENANT}/settings"
    body = f'{{"thresholds": {{"staleDays": {days}}}}}'.encode()
    answer = api.send("PATCH", path, {}, body, headers={"if-match": "*"})
    assert (answer.status, answer.json.get("code")) == (200 if code is None else 400, code)
    if code == "body_invalid":
        assert "integer" in answer.json["detail"] or "large" in answer.json["detail"]
    told = {one["name"]: one["value"] for one in api.get(path).json["thresholds"]}
    assert (told["staleDays"] == 61) == (code is None)
    again = {"thresholds": {"staleDays": None}}
    restored = api.send("PATCH", path, {}, json.dumps(again).encode(), headers={"if-match": "*"})
    assert restored.status == 200
