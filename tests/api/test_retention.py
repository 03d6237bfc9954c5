"""How long a tenant's history is kept, by HTTP: set, approved, held, applied, and told by answers."""

import asyncio
import json
from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta
from typing import Any, Never
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from shared.core import clock
from shared.core.clock import written
from shared.core.messages import Claim
from shared.core.registry import kept
from shared.core.settings import Settings
from shared.core.work import DEPLOYMENT
from shared.store.session.sessions import tenant_session
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import work_on
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker, purge, work_off
from tests.api.doors import Doors
from tests.fixtures.audited import chain_of
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

PATH = f"/v1/tenants/{TENANT}/retention"
HOLDS = f"/v1/tenants/{TENANT}/legal-holds"
USERS = f"/v1/tenants/{TENANT}/reports/users"
DAY = timedelta(days=1)
WEEKS = {"users": {"keepDays": 300, "thinDays": 30, "thinTo": "week"}}


def no_graph(_: UUID) -> Never:
    raise AssertionError("keeping history asks Graph nothing")


def midnight(days: float) -> datetime:
    return clock.now().replace(hour=0, minute=0, second=0, microsecond=0) - days * DAY


def put(api: Api, policies: object, tag: str | None = None) -> Answer:
    seen = {"if-match": tag or api.get(PATH).headers["ETag"]}
    return api.send("PUT", PATH, {}, json.dumps({"datasets": policies}).encode(), headers=seen)


def policy(answer: Answer, dataset: str = "users") -> tuple[object, ...]:
    [one] = [one for one in answer.json["datasets"] if one["dataset"] == dataset]
    return one["keepDays"], one["thinDays"], one["thinTo"], one["isSet"]


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "") if answer.status >= 400 else ""


def night(engine: Engine) -> None:
    """The work of one night, received as a message."""
    doors = WorkDoors(engine=engine, graph=no_graph, slice_seconds=60)
    claim = Claim(
        kind="retain", tenant_id=DEPLOYMENT, subject="history", run_id=uuid4(), trigger="schedule"
    )
    asyncio.run(work_on(claim, doors))


@pytest.fixture
def history(api: Api, app_engine: Engine) -> Api:
    """The API; a user was renamed at noon of the 100th to the 40th day before today."""
    for days in range(100, 39, -5):
        one = {"id": "u1", "display_name": f"Name {days}"}
        collect(app_engine, TENANT, "users", [one], at=midnight(days - 0.5))
    return api


@pytest.fixture
def strict(history: Api, app_settings: Settings) -> Api:
    settings = replace(app_settings, approvals="on")
    return replace(history, doors=Doors(history.doors.engine, settings))


@pytest.fixture
def second(strict: Api, make_key: KeyMaker) -> Api:
    return strict.as_caller(x_api_key=make_key("approval:read", "approval:decide"))


def approve(second: Api, answer: Answer) -> Answer:
    path = f"/v1/approvals/{answer.json['approval']['approvalId']}"
    return second.post(f"{path}/approve", {"digest": second.get(path).json["digest"]})


def users_at(api: Api, at: datetime) -> Answer:
    return api.get(USERS, asOf=written(at), select="display_name")


def names(answer: Answer) -> list[str]:
    assert answer.status == 200, answer.json
    return [row["display_name"] for row in answer.json["rows"]]


def test_a_policy_is_set_by_who_has_seen_it_and_taken_back_by_leaving_it_out(api: Api) -> None:
    first = api.get(PATH)
    assert len(first.json["datasets"]) == len(kept())
    assert policy(first) == (2557, 400, "day", False)
    assert policy(first, "sign_ins") == (1096, None, None, False)
    body = json.dumps({"datasets": WEEKS}).encode()
    assert code(api.send("PUT", PATH, {}, body)) == (428, "if_match_missing")
    done = put(api, WEEKS)
    assert (done.status, done.json["approval"]) == (200, None)
    assert policy(done) == policy(api.get(PATH)) == (300, 30, "week", True)
    assert code(put(api, {}, first.headers["ETag"])) == (412, "changed_meanwhile")
    assert policy(put(api, {})) == (2557, 400, "day", False)
    event = chain_of(api.doors.engine, TENANT)[-1]
    assert (event.act, event.result) == ("retention.set", "done")
    other = api.get(f"/v1/tenants/{OTHER}/retention")
    assert policy(other) == (2557, 400, "day", False)


@pytest.mark.parametrize(
    ("policies", "found"),
    [
        ({"users": {"thinDays": 40}}, (400, "thinning_half")),
        ({"sign_ins": {"thinDays": 40, "thinTo": "day"}}, (400, "thinning_of_no_entity")),
        ({"users": {"keepDays": 29}}, (400, "body_invalid")),
        ({"users": {"thinDays": 40, "thinTo": "year"}}, (400, "body_invalid")),
        ({"nothing": {"keepDays": 40}}, (404, "dataset_unknown")),
    ],
)
def test_what_is_no_policy_is_refused(
    api: Api, policies: dict[str, Any], found: tuple[int, str]
) -> None:
    assert code(put(api, policies)) == found
    assert policy(api.get(PATH))[3] is False


def test_only_who_may_sets_policies_and_holds(api: Api, make_key: KeyMaker) -> None:
    reader = api.as_caller(x_api_key=make_key("retention:read"))
    assert reader.get(PATH).status == reader.get(f"{PATH}/preview").status == 200
    assert code(put(reader, {})) == (403, "permission_missing")
    assert code(reader.post(HOLDS, {"reason": "x"})) == (403, "permission_missing")


def test_a_change_that_keeps_less_waits_for_a_second_person_who_sees_what_would_go(
    strict: Api, second: Api
) -> None:
    engine = strict.doors.engine
    asked = put(strict, WEEKS)
    assert (asked.status, policy(asked)) == (202, (2557, 400, "day", False))
    assert not any(one["versions"] for one in strict.get(f"{PATH}/preview").json["datasets"])
    effect = second.get(f"/v1/approvals/{asked.json['approval']['approvalId']}").json["effect"]
    assert set(effect["counts"]) == {"users"}
    assert effect["items"][1] == (
        "users: keepDays 2557, thinDays 400, thinTo day -> keepDays 300, thinDays 30, thinTo week"
    )
    assert code(approve(strict, asked)) == (403, "approval_own")
    assert approve(second, asked).status == 200
    assert policy(strict.get(PATH)) == (300, 30, "week", True)
    told = {one["dataset"]: one for one in strict.get(f"{PATH}/preview").json["datasets"]}
    assert told["users"]["versions"] == effect["counts"]["users"] > 0
    night(engine)
    event = chain_of(engine, TENANT)[-1]
    assert event.act == "retention.apply"
    after = json.loads(event.after or "")
    assert after["taken"] == {"users": {"thinned": effect["counts"]["users"], "dropped": 0}}
    assert after["policies"] == {"users": {"keepDays": 300, "thinDays": 30, "thinTo": "week"}}
    # What keeps more waits for nobody.
    assert put(strict, {}).status == 200


def test_a_question_about_a_thinned_past_is_answered_by_a_state_that_was_and_says_so(
    history: Api,
) -> None:
    before = {days: names(users_at(history, midnight(days))) for days in range(99, 41, -1)}
    assert names(users_at(history, midnight(60))) == ["Name 65"]
    put(history, WEEKS)
    night(history.doors.engine)
    recent = users_at(history, midnight(20.25))
    assert recent.headers["Kanri-As-Of"] == written(midnight(20.25))
    assert recent.json["coverage"][0]["keptEach"] is None
    for hours in range(91 * 24, 41 * 24, -31):
        at = midnight(hours / 24)
        answer = users_at(history, at)
        kept = datetime.fromisoformat(answer.headers["Kanri-As-Of"])
        assert kept <= at
        assert kept.weekday() == 0 or kept.day == 1
        assert names(answer) == before[round((midnight(0) - kept) / DAY)]
        [entry] = [one for one in answer.json["coverage"] if one["dataset"] == "users"]
        assert entry["keptEach"] == "week"
        assert answer.headers["Kanri-As-Of"].replace("Z", "") in entry["note"].replace("Z", "")
        assert "kept-each=week" in answer.headers["Kanri-Coverage"]


def test_a_past_that_is_gone_is_refused_and_the_oldest_instant_named(history: Api) -> None:
    put(history, {"users": {"keepDays": 50}})
    night(history.doors.engine)
    refused = users_at(history, midnight(51))
    assert code(refused) == (400, "as_of_not_kept")
    assert written(midnight(50)) in refused.json["detail"]
    assert names(users_at(history, midnight(50))) == ["Name 55"]
    assert names(history.get(USERS, select="display_name")) == ["Name 40"]


def test_nothing_is_purged_or_thinned_under_a_hold_and_lifting_it_takes_a_second_person(
    strict: Api, second: Api, app_engine: Engine
) -> None:
    placed = strict.post(HOLDS, {"reason": "case 12"})
    assert placed.status == 201
    approved = put(strict, WEEKS)
    approve(second, approved)
    before = names(users_at(strict, midnight(60)))
    night(app_engine)
    assert users_at(strict, midnight(60)).json["coverage"][0]["keptEach"] is None
    assert names(users_at(strict, midnight(60))) == before
    assert {one["held"] for one in strict.get(f"{PATH}/preview").json["datasets"]} == {True}
    refused = strict.delete(f"/v1/tenants/{TENANT}", purge="true")
    assert code(refused) == (409, "tenant_on_hold")
    assert strict.get(f"/v1/tenants/{TENANT}").json["state"] == "active"
    lift = f"{HOLDS}/{placed.json['holdId']}/lift"
    asked = strict.post(lift)
    assert (asked.status, asked.json["liftedAt"]) == (202, None)
    assert code(strict.delete(f"/v1/tenants/{TENANT}", purge="true")) == (409, "tenant_on_hold")
    assert approve(second, asked).status == 200
    assert strict.get(HOLDS).json["holds"][0]["liftedAt"] is not None
    assert code(strict.post(lift)) == (409, "hold_lifted")
    assert strict.delete(f"/v1/tenants/{TENANT}", purge="true").status == 202


def test_a_purge_that_is_under_way_stops_at_a_hold(
    history: Api, count_users: Callable[[], int]
) -> None:
    answer = history.delete(f"/v1/tenants/{TENANT}", purge="true")
    history.post(HOLDS, {"reason": "case 12", "datasets": ["groups"]})
    work_off(history.doors, answer)
    job = history.get(answer.headers["Location"].removeprefix("/api")).json
    assert (job["state"], job["problem"]["code"]) == ("failed", "tenant_on_hold")
    assert count_users() == 13
    hold = history.get(HOLDS).json["holds"][0]["holdId"]
    assert history.post(f"{HOLDS}/{hold}/lift").status == 200
    purge(history, TENANT)
    assert count_users() == 0


@pytest.fixture
def count_users(app_engine: Engine) -> Callable[[], int]:
    def count() -> int:
        with tenant_session(app_engine, TENANT) as connection:
            return int(connection.execute(text("SELECT count(*) FROM data.users")).scalar_one())

    return count


def test_a_hold_on_what_is_no_dataset_is_refused(api: Api) -> None:
    assert code(api.post(HOLDS, {"reason": "x", "datasets": ["nothing"]})) == (
        404,
        "dataset_unknown",
    )
    assert code(api.post(f"{HOLDS}/{uuid4()}/lift")) == (404, "hold_unknown")
