"""What a worker remembers of who may do what: a round trip less, and not a moment of a right too long."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from shared.core import clock
from shared.core.access import Subject
from shared.store.registers import found_keys, found_tenants, holds
from shared.store.registers.access_version import COUNTED
from shared.store.registers.known_access import LONGEST, AccessChanged, KnownAccess, Trust
from shared.store.session.sessions import operator_session
from tests.api.conftest import OTHER, TENANT, Answer, Api, KeyMaker
from tests.api.doors import Doors
from tests.store.test_round_trips import round_trips

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("one_window")]

PATH = f"/v1/tenants/{TENANT}"
REPORT = f"{PATH}/reports/users"
INSIDE, OUTSIDE = {"x-forwarded-for": "203.0.113.9"}, {"x-forwarded-for": "198.51.100.1"}

# What a report of a hundred rows asks of the database once its caller is known: one opens the snapshot
# and tells rights, coverage and thresholds; one brings the rows and ends it.
ROUND_TRIPS = 2


@dataclass(frozen=True)
class Worker:
    """One of several workers on one database, and a caller whom it knows."""

    api: Api
    caller: Api

    @property
    def known(self) -> KnownAccess:
        return self.caller.doors.known_access()

    def asks(self, path: str = REPORT) -> Answer:
        return self.caller.get(path, headers=INSIDE, top=100)


@pytest.fixture
def team(people: Api, make_key: KeyMaker) -> tuple[str, str, list[Worker]]:
    """A key that reads by a role of a tag, that role's id, and two workers who know it."""
    settings = replace(people.doors.settings(), trusted_proxies=1)
    workers = []
    plain = make_key("tenant:read", tenants=[OTHER], hours=0.5)
    for _ in range(2):
        api = replace(people, doors=Doors(people.doors.engine, settings))
        workers.append(Worker(api, api.as_caller(x_api_key=plain)))
    first = workers[0]
    key_id = first.caller.get("/v1/me").json["subjectId"]
    made = people.post(
        "/v1/roles",
        {
            "role": "desk",
            "title": "Desk",
            "permissions": ["report:read", "report:personal", "tenant:read"],
        },
    )
    assert made.status == 201, made.json
    tagged = people.send("PATCH", PATH, {}, b'{"addTags": ["north"]}')
    assert tagged.status == 200, tagged.json
    subject = {"subjectKind": "key", "subjectId": key_id, "role": "desk"}
    until = (clock.now() + timedelta(minutes=30)).isoformat()
    given = people.post(
        "/v1/memberships", {**subject, "scope": "tag", "tag": "north", "expiresAt": until}
    )
    assert given.status == 201, given.json
    for worker in workers:
        for _ in range(2):
            assert worker.asks().status == 200
        assert len(worker.known) > 0
    return key_id, given.json["membershipId"], workers


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "") if answer.status >= 400 else ""


def test_a_warm_report_of_a_hundred_rows_takes_two(
    people: Api, make_key: KeyMaker, app_engine: Engine
) -> None:
    reader = people.as_caller(x_api_key=make_key("report:read", "report:personal"))
    with round_trips(app_engine) as count:
        assert reader.get(REPORT, top=100).status == 200
        cold = count()
    assert reader.get(REPORT, top=100).status == 200
    with round_trips(app_engine) as count:
        answer = reader.get(REPORT, top=100)
        assert (answer.status, answer.json["rowCount"]) == (200, 20)
        assert count() == ROUND_TRIPS < cold
    with round_trips(app_engine) as count:
        same = reader.get(REPORT, headers={"if-none-match": answer.headers["ETag"]}, top=100)
        assert (same.status, count()) == (304, ROUND_TRIPS)
    reader.get(f"{PATH}/reports")
    with round_trips(app_engine) as count:
        assert reader.get(f"{PATH}/reports").status == 200
        assert count() == 1, "what asks nothing itself asks whether rights are as they were"


class Act(NamedTuple):
    """Something that takes a right away, and what who had it is told."""

    path: str
    method: str
    body: str
    told: tuple[int, str]


ACTS = {
    "the key is revoked": Act("/v1/keys/{key}", "DELETE", "", (401, "key_invalid")),
    "the key is rotated": Act(
        "/v1/keys/{key}/rotate", "POST", '{"overlapMinutes": 0}', (401, "key_invalid")
    ),
    "the membership is taken": Act(
        "/v1/memberships/{membership}", "DELETE", "", (403, "permission_missing")
    ),
    "the role may less": Act(
        "/v1/roles/desk",
        "PATCH",
        '{"permissions": ["tenant:read"]}',
        (403, "permission_missing"),
    ),
    "the tenant loses the tag": Act(
        PATH, "PATCH", '{"removeTags": ["north"]}', (403, "tenant_forbidden")
    ),
    "the tenant is removed": Act(PATH, "DELETE", "", (403, "tenant_forbidden")),
    "the tenant shuts the address out": Act(
        f"{PATH}/addresses", "PATCH", '{"denied": ["203.0.113.0/28"]}', (403, "address_not_allowed")
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_is_taken_on_one_worker_is_gone_on_all_at_once(
    team: tuple[str, str, list[Worker]], act: str
) -> None:
    key_id, membership, (here, there) = team
    path, method, body, told = ACTS[act]
    answer = here.api.send(
        method,
        path.format(key=key_id, membership=membership),
        {},
        body.encode(),
        headers={"if-match": "*", **OUTSIDE},
    )
    assert answer.status < 300, answer.json
    for worker in (there, here):
        assert code(worker.asks()) == told
        assert code(worker.asks(f"{PATH}/reports")) == told


@pytest.mark.parametrize(
    ("path", "query"),
    [(REPORT, {"filter": "nonsense"}), (f"{PATH}/reports/nothing", {}), (f"{PATH}/reports", {})],
)
def test_who_is_no_longer_known_is_told_nothing_but_that(
    team: tuple[str, str, list[Worker]], path: str, query: dict[str, str]
) -> None:
    """An error of a handler is an answer too: what is there, and what is not."""
    key_id, _, (here, there) = team
    assert here.api.delete(f"/v1/keys/{key_id}").status == 204
    assert len(there.known) > 0
    refused = there.caller.get(path, headers=INSIDE, **query)
    assert code(refused) == (401, "key_invalid")


def test_nobody_is_refused_by_what_is_only_remembered(
    team: tuple[str, str, list[Worker]],
) -> None:
    key_id, _, (here, there) = team
    elsewhere = f"/v1/tenants/{OTHER}/reports/users"
    for worker in (here, there):
        assert code(worker.asks(elsewhere)) == (403, "permission_missing")
    until = (clock.now() + timedelta(minutes=30)).isoformat()
    role = {"subjectKind": "key", "subjectId": key_id, "role": "reader", "expiresAt": until}
    given = here.api.post("/v1/memberships", role | {"scope": "tenant", "tenantId": str(OTHER)})
    assert given.status == 201
    for worker in (there, here):
        assert worker.asks(elsewhere).status == 200


def test_who_is_not_known_is_not_remembered(people: Api) -> None:
    for number in range(5):
        stranger = people.as_caller(x_api_key=f"kanri_test_{number}")
        assert code(stranger.get(REPORT)) == (401, "key_invalid")
    assert len(people.doors.known_access()) == 0


def test_a_tenant_that_is_paused_is_paused_on_every_worker(
    team: tuple[str, str, list[Worker]],
) -> None:
    _, _, (here, there) = team

    def states(*workers: Worker) -> list[str]:
        return [worker.caller.get(PATH, headers=INSIDE).json["state"] for worker in workers]

    assert states(here, there) == ["active"] * 2
    assert here.api.post(f"{PATH}/pause").status < 300
    assert states(there, here) == ["paused"] * 2


def test_a_threshold_is_seen_at_once_by_every_worker(team: tuple[str, str, list[Worker]]) -> None:
    _, _, (here, there) = team

    def told(worker: Worker) -> str:
        return worker.caller.get(REPORT, headers=INSIDE, filter="id eq 'u01'").headers.get(
            "Kanri-Parameters", ""
        )

    before = {told(worker) for worker in (here, there)}
    changed = here.api.send(
        "PATCH",
        f"{PATH}/settings",
        {},
        b'{"thresholds": {"staleDays": 7}}',
        headers={"if-match": "*", **OUTSIDE},
    )
    assert changed.status == 200, changed.json
    after = {told(worker) for worker in (there, here)}
    assert len(before) == len(after) == 1
    assert before != after


def test_a_right_that_ends_by_itself_is_not_remembered_longer(
    people: Api, make_key: KeyMaker, one_window: Path
) -> None:
    reader = people.as_caller(x_api_key=make_key("tenant:read", tenants=[OTHER]))
    key_id = reader.get("/v1/me").json["subjectId"]
    until = (clock.now() + timedelta(seconds=40)).isoformat()
    role = {"subjectKind": "key", "subjectId": key_id, "role": "reader", "expiresAt": until}
    given = people.post("/v1/memberships", role | {"scope": "tenant", "tenantId": str(TENANT)})
    assert given.status == 201, given.json
    for _ in range(2):
        assert reader.get(REPORT).status == 200
    clock.move(one_window, timedelta(seconds=41))
    assert code(reader.get(REPORT)) == (403, "permission_missing")
    brief = people.as_caller(x_api_key=make_key("report:read", hours=0.01))
    for _ in range(2):
        assert brief.get(REPORT).status == 200
    clock.move(one_window, timedelta(seconds=37))
    assert code(brief.get(REPORT)) == (401, "key_invalid")


def test_the_last_use_of_a_key_is_written_as_often_as_before(
    people: Api, make_key: KeyMaker, one_window: Path
) -> None:
    reader = people.as_caller(x_api_key=make_key("tenant:read", "report:read"))
    key_id = UUID(reader.get("/v1/me").json["subjectId"])

    def used() -> datetime:
        query = text("SELECT last_used_at FROM kanri.api_key_uses WHERE key_id = :key")
        with operator_session(people.doors.engine) as connection:
            found: datetime = connection.execute(query, {"key": key_id}).scalar_one()
        return found

    first = used()
    clock.move(one_window, timedelta(seconds=50))
    assert reader.get(REPORT).status == 200
    assert used() == first
    clock.move(one_window, timedelta(seconds=11))
    assert reader.get(REPORT).status == 200
    assert used() > first + timedelta(seconds=60)


def version(engine: Engine) -> int:
    with operator_session(engine) as connection:
        found: int = connection.execute(text("SELECT kanri.access_version()")).scalar_one()
    return found


TOUCH = text("UPDATE kanri.tenants SET updated_at = updated_at")


def test_a_transaction_counts_once_and_only_if_it_happens(people: Api, app_engine: Engine) -> None:
    before = version(app_engine)
    with operator_session(app_engine) as connection:
        for _ in range(3):
            connection.execute(TOUCH)
        inside = connection.execute(text("SELECT kanri.access_version()")).scalar_one()
        assert inside == before, "it is counted at the very end"
    assert version(app_engine) == before + 1

    def break_off() -> None:
        with operator_session(app_engine) as connection:
            connection.execute(TOUCH)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert version(app_engine) == before + 1


def test_changes_at_once_are_each_counted(people: Api, app_engine: Engine) -> None:
    before = version(app_engine)
    tenants = [TENANT, OTHER]

    def change(number: int) -> None:
        query = text("UPDATE kanri.tenants SET updated_at = updated_at WHERE tenant_id = :tenant")
        with operator_session(app_engine) as connection:
            connection.execute(query, {"tenant": tenants[number % 2]})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(change, range(20)))
    assert version(app_engine) == before + 20


def test_the_application_cannot_set_the_version_back(people: Api, app_engine: Engine) -> None:
    for statement in (
        "UPDATE kanri.access_version SET version = 0",
        "DELETE FROM kanri.access_version",
        "SELECT kanri.count_access_change()",
    ):
        with (
            pytest.raises(DBAPIError, match="permission denied"),
            operator_session(app_engine) as connection,
        ):
            connection.execute(text(statement))


def test_all_that_a_look_up_looks_at_is_counted() -> None:
    asked = (found_keys._FIND, holds._OF_TOKEN, found_tenants._STATE)
    tables = {name for sql in asked for name in re.findall(r"(?:FROM|JOIN) kanri\.(\w+)", sql)}
    assert tables == {*COUNTED, "api_key_uses"}


@dataclass(frozen=True)
class Found:
    version: int
    until: datetime
    name: object


def finding(
    version: int, name: object = None, lasts: timedelta = LONGEST
) -> Callable[[], Found | None]:
    return lambda: Found(version, clock.now() + lasts, name)


def test_what_is_remembered_is_bounded_and_of_one_version() -> None:
    known = KnownAccess()
    for number in range(1_500):
        trust = Trust(known)
        trust.recall(number, finding(1, number))
        assert trust.version is None, "it was looked up"
    assert len(known) == 1_000
    trust = Trust(known)
    assert trust.recall(1_499, lambda: None) is not None
    assert trust.version == 1
    assert trust.recall(0, lambda: None) is None, "the oldest go first"
    Trust(known).recall("new", finding(2))
    assert len(known) == 1
    Trust(known).recall("late", finding(1))
    assert known.kept("late") is None, "looked up before something changed"
    with pytest.raises(AccessChanged):
        trust.confirm(2)


def test_who_takes_nothing_on_trust_looks_each_time() -> None:
    known, subject = KnownAccess(), Subject("key", uuid4())
    Trust(known).recall(subject, finding(1, "old"))
    found = Trust(known, takes=False).recall(subject, finding(1, "new"))
    assert found is not None
    assert found.name == "new"
    assert Trust(known).recall("ended", finding(1, lasts=timedelta(0))) is not None
    assert known.kept("ended") is None
