"""Cursors: what was changed in one is refused, and one serves its caller on any instance."""

import base64
import hmac
import json
from collections.abc import Callable
from copy import replace

import pytest
from sqlalchemy import Engine

from tests.api.conftest import TENANT, Api, KeyMaker
from tests.api.doors import Doors

pytestmark = pytest.mark.stack


PATH = f"/v1/tenants/{TENANT}/reports"


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda parts: [*parts[:-1], "a\0b"],
        lambda parts: [*parts[:-1], "\ud800"],
        lambda parts: [*parts[:-1], 5],
        lambda parts: [*parts[:-1], True],
        lambda parts: parts[:-1],
        lambda parts: [*parts, "more"],
        lambda parts: [None, *parts[1:]],
        lambda parts: ["2026-01-01T00:00:00", *parts[1:]],
        lambda _: [],
    ],
)
def test_a_cursor_that_was_tampered_with_is_refused(
    people: Api, spoilt: Callable[[list[object]], list[object]]
) -> None:
    refused = _with_cursor(people, spoilt, orderBy="inactive_days")
    assert (refused["status"], refused["code"]) == (400, "cursor_malformed")


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 1.5, True, "1"])
def test_a_cursor_holds_numbers_of_its_column_only(people: Api, number: object) -> None:
    refused = _with_cursor(
        people, lambda parts: [*parts[:2], number, parts[-1]], orderBy="password_age_days"
    )
    assert (refused["status"], refused["code"]) == (400, "cursor_malformed")


def _with_cursor(
    api: Api, spoil: Callable[[list[object]], list[object]], **query: str
) -> dict[str, object]:
    path = f"{PATH}/users"
    cursor = api.send("GET", path, {"top": 3, **query}).json["cursor"]
    signed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    digest, parts = json.loads(signed[16:])
    packed = json.dumps([digest, spoil(parts)], separators=(",", ":")).encode()
    ours = hmac.digest(api.doors.secrets().cursor_key, packed, "sha256")[:16]
    answers = [
        api.send("GET", path, {"cursor": _text(mac + packed), **query}).json
        for mac in (signed[:16], ours)  # of another cursor, and as if we had written it
    ]
    assert [answer["code"] for answer in answers] == ["cursor_malformed"] * 2
    answer: dict[str, object] = answers[1]
    return answer


def _text(signed: bytes) -> str:
    return base64.urlsafe_b64encode(signed).rstrip(b"=").decode()


def test_a_cursor_cannot_tell_another_age_nor_serve_another_caller(
    people: Api, make_key: KeyMaker
) -> None:
    path = f"{PATH}/users"
    cursor = people.send("GET", path, {"top": 3}).json["cursor"]
    assert people.send("GET", path, {"top": 3, "cursor": cursor}).status == 200
    signed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    digest, (_, *rest) = json.loads(signed[16:])
    packed = json.dumps([digest, ["2020-01-01T00:00:00+00:00", *rest]]).encode()
    unsigned = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    for forged in (unsigned, _text(signed[:16] + packed), _text(signed[:-1]), "", "=", "é"):
        refused = people.send("GET", path, {"top": 3, "cursor": forged})
        assert (refused.status, refused.json["code"]) == (400, "cursor_malformed"), forged
    stranger = people.as_caller(x_api_key=make_key())
    refused = stranger.send("GET", path, {"top": 3, "cursor": cursor})
    assert (refused.status, refused.json["code"]) == (400, "cursor_foreign")


def test_another_instance_reads_the_cursors_of_this_one(people: Api, app_engine: Engine) -> None:
    path = f"{PATH}/users"
    cursor = people.send("GET", path, {"top": 3}).json["cursor"]
    other = replace(people, doors=Doors(app_engine, people.doors.settings()))
    assert other.send("GET", path, {"top": 3, "cursor": cursor}).json["rowCount"] == 3
