"""Who fails to sign in again and again is shut out for a while, and nobody else."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from shared.core import clock
from shared.core.work import DEPLOYMENT
from tests.api.conftest import TENANT, Api, KeyMaker
from tests.api.limited import found, from_, limited
from tests.fixtures.audited import chain_of

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("one_window")]

PATH = f"/v1/tenants/{TENANT}"
QUOTAS = "failed_sign_ins.address=3 failed_sign_ins.key=3"
WRONG = "kanri_test_wrong"


def test_an_address_is_shut_out_on_every_worker_with_all_who_are_there(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = limited(api, QUOTAS), limited(api, QUOTAS)
    guesses = [
        who.as_caller(x_api_key=WRONG, x_forwarded_for="203.0.113.7").get(PATH)
        for who in (one, other, one, one, other)
    ]
    assert [found(answer) for answer in guesses] == [
        *[(401, "key_invalid")] * 2,
        *[(429, "sign_ins_blocked")] * 3,
    ]
    assert 850 < int(guesses[-1].headers["Retry-After"]) <= 901
    for worker in (one, other, limited(api, QUOTAS)):
        answer = worker.get(PATH, headers=from_("203.0.113.7"))
        assert found(answer) == (429, "sign_ins_blocked"), "a good key does not open there"
        assert worker.get(PATH, headers=from_("203.0.113.8")).status == 200
    blocks = [e for e in chain_of(api.doors.engine, DEPLOYMENT) if e.act == "sign_in.block"]
    assert [(e.target, e.address, e.after) for e in blocks] == [
        ("address", "203.0.113.7", '{"seconds":900}')
    ]
    told = [json.loads(record.message) for record in caplog.records if record.name == "kanri"]
    assert [w["counted"] for w in told if w["event"] == "sign_ins_blocked"] == ["address"]
    assert "203.0.113.7" not in caplog.text


def test_from_where_somebody_guessed_is_told_to_nobody_who_may_not_see_personal_data(
    api: Api, make_key: KeyMaker
) -> None:
    api = limited(api, QUOTAS)
    guesser = api.as_caller(x_api_key=WRONG, x_forwarded_for="203.0.113.7")
    assert [guesser.get(PATH).status for _ in range(4)] == [401, 401, 429, 429]
    auditor = api.as_caller(x_api_key=make_key("audit:read", "security:read"))
    for path in ("/v1/audit", "/v1/security/events"):
        for form in ("json", "csv"):
            answer = auditor.get(path, format=form)
            assert b"sign_in.block" in answer.body
            assert b"203.0.113" not in answer.body, path
        for column in ("target", "address", "caller", "request_id"):
            guess = auditor.get(path, filter=f"contains({column},'203.0.113')", count="true")
            assert guess.json["totalCount"] == 0, (path, column)
    assert b"203.0.113.7" in api.get("/v1/audit").body


def test_the_block_ends(api: Api, one_window: Path) -> None:
    api = limited(api, QUOTAS)
    guesser = api.as_caller(x_api_key=WRONG, x_forwarded_for="203.0.113.7")
    assert [guesser.get(PATH).status for _ in range(4)] == [401, 401, 429, 429]
    clock.move(one_window, timedelta(seconds=901))
    assert api.get(PATH, headers=from_("203.0.113.7")).status == 200
    assert guesser.get(PATH).status == 401


def test_of_ipv6_a_network_is_counted(api: Api) -> None:
    api = limited(api, QUOTAS)
    statuses = [
        api.as_caller(x_api_key=WRONG, x_forwarded_for=f"2001:db8:1:2::{n}").get(PATH).status
        for n in range(1, 5)
    ]
    assert statuses == [401, 401, 429, 429]
    assert api.get(PATH, headers=from_("2001:db8:1:3::1")).status == 200


def test_a_key_that_is_tried_from_elsewhere_goes_on_where_it_is_good(api: Api) -> None:
    """Nobody is locked out by who has his key's text but not his place."""
    api = limited(api, QUOTAS)
    ends = (clock.now() + timedelta(minutes=30)).isoformat()
    body = {
        "name": "office",
        "permissions": ["tenant:read"],
        "expiresAt": ends,
        "ranges": ["198.51.100.0/24"],
    }
    made = api.post("/v1/keys", body).json
    keyed = api.as_caller(x_api_key=made["key"])
    thieves = [keyed.get(PATH, headers=from_(f"203.0.113.{n}")) for n in range(5)]
    assert [found(answer)[1] for answer in thieves] == [
        *["key_address"] * 2,
        *["sign_ins_blocked"] * 3,
    ]
    assert keyed.get(PATH, headers=from_("198.51.100.9")).status == 200
    assert api.get(PATH, headers=from_("203.0.113.1")).status == 200, "he guessed nothing"
    blocks = [e for e in chain_of(api.doors.engine, DEPLOYMENT) if e.act == "sign_in.block"]
    assert [e.target for e in blocks] == [f"key:{made['details']['keyId']}"]


def test_who_sends_nothing_guesses_nothing(api: Api) -> None:
    """Power Query asks without a credential first, to learn where to get one."""
    nobody = limited(api, QUOTAS).as_caller(x_forwarded_for="203.0.113.7")
    assert {nobody.get(PATH).status for _ in range(6)} == {401}


def test_without_an_address_nobody_is_shut_out(api: Api) -> None:
    guesser = limited(api, QUOTAS).as_caller(x_api_key=WRONG)
    assert {guesser.get(PATH).status for _ in range(6)} == {401}
