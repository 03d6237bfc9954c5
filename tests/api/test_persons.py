"""A person's data: all of it told, all of it put under a veil, and attested; nobody else's touched."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Never
from uuid import UUID, uuid4

import psycopg
import pytest
from sqlalchemy import Engine, text

from infra.local.postgres import Postgres
from shared.core import clock
from shared.core.messages import Claim
from shared.core.registry import datasets, report_keys
from shared.core.settings import Settings
from shared.core.work import DEPLOYMENT
from shared.store.persons.finding import Mention, who_is
from shared.store.session.sessions import tenant_session
from shared.usecases.doors import WorkDoors
from shared.usecases.export_person import (
    export_person,
    found_person,
    read_place,
    written_place,
)
from shared.usecases.receive import receive, work_on
from tests.api.conftest import TENANT, Answer, Api, KeyMaker
from tests.api.doors import Doors
from tests.fixtures.audited import chain_of
from tests.fixtures.collecting import Bench
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack

ANN_ID = "aaaaaaaa-0000-4000-8000-000000000001"
ANN = {"id": ANN_ID, "user_principal_name": "ann@contoso.com", "display_name": "Ann Smith"}
JOANN = {"id": "j-1", "user_principal_name": "joann@contoso.com", "display_name": "Jo Ann"}
NAMESAKE = {"id": "n-1", "user_principal_name": "ann2@contoso.com", "display_name": "Ann Smith"}
PERSONS = f"/v1/tenants/{TENANT}/persons"
HOLDS = f"/v1/tenants/{TENANT}/legal-holds"
NOW = clock.now()


def no_graph(_: UUID) -> Never:
    raise AssertionError("erasing asks Graph nothing")


def doors_of(api: Api, seconds: float = 60) -> WorkDoors:
    return WorkDoors(
        engine=api.doors.engine,
        graph=no_graph,
        slice_seconds=seconds,
        keyring=api.doors.keyring,
    )


def work_off(api: Api, answer: Answer, seconds: float = 60) -> None:
    """Do the work of an answer, all its parts."""
    messages = [body.encode() for body in answer.messages]
    for _ in range(100):
        if not messages:
            return
        sent = asyncio.run(receive(messages.pop(0), "m", doors_of(api, seconds), "collect"))
        messages += [one.message.model_dump_json().encode() for one in sent]
    raise AssertionError("it never ends")


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "") if answer.status >= 400 else ""


def seed(engine: Engine, *, gone: bool = True) -> None:
    """Ann in three datasets, with a namesake and somebody whose address ends like hers."""
    everybody, signs = [ANN, JOANN, NAMESAKE], []
    for days, people in ((9, everybody), (8, [{**ANN, "job_title": "CFO"}, JOANN, NAMESAKE])):
        collect(engine, TENANT, "users", people, at=NOW - timedelta(days=days))
    for number, one in enumerate(everybody):
        signs.append(
            {
                "id": f"s{number}",
                "created_at": NOW - timedelta(days=5),
                "user_id": one["id"],
                "user_principal_name": str(one["user_principal_name"]).upper(),
                "user_display_name": one["display_name"],
                "ip_address": f"203.0.113.{number}",
                "device_name": f"PC {number}",
            }
        )
    collect(engine, TENANT, "sign_ins", signs, at=NOW - timedelta(days=5))
    used = [
        {
            "id": one["user_principal_name"],
            "user_principal_name": one["user_principal_name"],
            "display_name": one["display_name"],
            "item_count": 7,
        }
        for one in everybody
    ]
    collect(engine, TENANT, "mailbox_usage", used, report_date=date(2026, 11, 1))
    if gone:
        collect(engine, TENANT, "users", [JOANN, NAMESAKE], at=NOW - timedelta(days=2))


@pytest.fixture
def people(api: Api) -> Api:
    seed(api.doors.engine)
    return api


@pytest.fixture
def strict(people: Api, app_settings: Settings) -> Api:
    return replace(people, doors=Doors(people.doors.engine, replace(app_settings, approvals="on")))


@pytest.fixture
def second(strict: Api, make_key: KeyMaker) -> Api:
    return strict.as_caller(x_api_key=make_key("approval:read", "approval:decide"))


@pytest.fixture
def owner(postgres_server: Postgres, app_settings: Settings) -> Iterator[psycopg.Connection]:
    name = app_settings.database_url.rpartition("/")[2].partition("?")[0]
    with psycopg.connect(postgres_server.url(name), autocommit=True) as connection:
        yield connection


def erase(api: Api, **whom: str) -> Answer:
    return api.post(f"{PERSONS}/erasures", whom or {"userId": ANN_ID})


def scan(owner: psycopg.Connection, likes: list[str]) -> dict[str, int]:
    """Every table in which a row says one of the words in any column, whatever its type."""
    tables = owner.execute(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname IN ('data', 'kanri', 'data_parts')"
    ).fetchall()
    found = {}
    for (table,) in tables:
        query = f"SELECT count(*) FROM {table} t WHERE lower(t::text) LIKE ANY(%s)"
        [(rows,)] = owner.execute(query.encode(), [likes]).fetchall()
        if rows:
            found[table] = rows
    return found


def rows_of(engine: Engine, dataset: str, columns: str, tenant_id: UUID = TENANT) -> list[Any]:
    with tenant_session(engine, tenant_id) as connection:
        query = text(f"SELECT {columns} FROM data.{dataset} t ORDER BY 1, 2")
        return [tuple(row) for row in connection.execute(query)]


def test_an_export_tells_all_that_is_his_and_of_others_what_names_him(people: Api) -> None:
    answer = people.post(f"{PERSONS}/exports", {"userPrincipalName": "ANN@contoso.com"})
    assert answer.status == 200, answer.json
    told = answer.json
    assert (told["person"]["shared"], told["person"]["present"]) == (["Ann Smith"], False)
    assert ANN_ID in told["person"]["alone"]
    found = [(one["dataset"], one["his"], one["until"] is None) for one in told["rows"]]
    assert found == [
        ("mailbox_usage", True, True),
        ("sign_ins", True, True),
        ("users", True, False),
        ("users", True, False),
    ]
    assert told["rows"][1]["properties"]["ip_address"] == "203.0.113.0"
    assert told["rows"][0]["reportDate"] == "2026-11-01"
    assert told["cursor"] is None
    event = chain_of(people.doors.engine, TENANT)[-1]
    assert (event.act, event.target) == ("person.export", f"person:{told['pseudonym']}")
    assert "ann" not in str(event).lower()


def test_the_pages_of_an_export_add_up(people: Api) -> None:
    engine = people.doors.engine
    found = found_person(engine, TENANT, ANN_ID, "", b"secret")
    whole = export_person(engine, TENANT, found, "key:1", NOW)
    walked: list[Mention] = []
    records, onward = 0, None
    for _ in range(10):
        page = export_person(engine, TENANT, found, "key:1", NOW, onward, page=1)
        walked += page.mentions
        records += len(page.records)
        if page.onward is None:
            break
        onward = read_place(json.loads(json.dumps(written_place(page.onward), default=str)))
    assert walked == [*whole.mentions]
    assert (len(walked), records) == (4, len(whole.records))


def test_a_name_of_one_word_and_an_address_of_two_are_no_names_of_his_alone(api: Api) -> None:
    engine = api.doors.engine
    desk = {**ANN, "display_name": "Reception", "mail": "desk@contoso.com"}
    collect(engine, TENANT, "users", [desk, {**JOANN, "mail": "Desk@contoso.com"}])
    found = who_is(engine, TENANT, user_id=ANN_ID).identity
    assert found.terms == {ANN_ID, "ann@contoso.com"}
    assert found.shared == {"Reception"}


def test_an_export_is_permitted_apart_and_not_kept(people: Api, make_key: KeyMaker) -> None:
    body = {"userId": ANN_ID}
    reader = people.as_caller(x_api_key=make_key("report:read", "report:personal"))
    assert code(reader.post(f"{PERSONS}/exports", body)) == (403, "permission_missing")
    assert code(people.post(f"{PERSONS}/exports", {})) == (400, "person_unnamed")
    for word in ("the", "   ", "a b@c", "@contoso.com"):
        assert code(erase(people, userPrincipalName=word)) == (400, "body_invalid")
    key = {"idempotency-key": "k1"}
    assert people.post(f"{PERSONS}/exports", body, headers=key).json["rows"]
    again = people.post(f"{PERSONS}/exports", body, headers=key)
    assert (again.headers["Idempotency-Replayed"], again.json["rows"]) == ("true", None)


def test_an_erasure_waits_and_leaves_no_name_of_his_and_everybody_elses(
    strict: Api, second: Api, owner: psycopg.Connection
) -> None:
    engine = strict.doors.engine
    terms = who_is(engine, TENANT, user_id=ANN_ID).identity
    others = rows_of(engine, "users", "id, display_name, valid_from")
    with tenant_session(engine, TENANT) as connection:
        link = {"tenant": TENANT, "id": ANN_ID, "link": f"https://graph/users/{ANN_ID}/drive"}
        insert = "INSERT INTO kanri.parent_links VALUES (:tenant, 'user_drives', :id, 'x', :link)"
        connection.execute(text(insert), link)
    asked = erase(strict)
    assert (asked.status, asked.json["state"]) == (202, "waiting"), asked.json
    path = f"/v1/approvals/{asked.json['approval']['approvalId']}"
    shown = second.get(path).json
    assert shown["effect"]["counts"] == {"mailbox_usage": 1, "sign_ins": 1, "users": 2}
    assert shown["effect"]["items"][0] == asked.json["pseudonym"]
    assert "ann" not in json.dumps(shown["effect"]).lower()
    assert code(strict.post(f"{path}/approve", {"digest": shown["digest"]})) == (
        403,
        "approval_own",
    )
    done = second.post(f"{path}/approve", {"digest": shown["digest"]})
    assert done.status == 200, done.json
    work_off(strict, done)
    found = strict.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    assert (found["state"], found["rows"]["users"]) == ("done", 2)
    # `joann@contoso.com` has hers within: it is somebody else's.
    assert scan(owner, [one for one in terms.likes if "ann@" not in one]) == {}
    left = rows_of(engine, "users", "id, display_name, user_principal_name, job_title")
    assert [row for row in left if not row[0].startswith("p_")] == [
        ("j-1", "Jo Ann", "joann@contoso.com", None),
        ("n-1", "Ann Smith", "ann2@contoso.com", None),
    ]
    assert len(others) == len(left)
    his = [row for row in left if row[0].startswith("p_")]
    assert {row[0] for row in his} == {found["pseudonym"]}
    [(user, signed_in)] = [
        row for row in rows_of(engine, "sign_ins", "user_id, ip_address") if row[0].startswith("p_")
    ]
    assert (user, signed_in[:2]) == (found["pseudonym"], "p_")


def test_a_certificate_says_who_and_what_remains_and_is_verified(
    people: Api,
) -> None:
    asked = erase(people)
    assert asked.status == 202, asked.json
    work_off(people, asked)
    found = people.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    certificate = found["certificate"]
    assert certificate["rows"] == {"mailbox_usage": 1, "sign_ins": 1, "users": 2}
    assert {one["where"] for one in certificate["remains"]} == {"audit", "backups", "microsoft365"}
    assert "ann" not in json.dumps(certificate).lower()
    verify = f"{PERSONS}/certificates/verification"
    body = {"certificate": certificate, "signature": found["signature"]}
    assert people.post(verify, body).json == {"valid": True}
    assert people.post(verify, {**body, "signature": "é"}).json == {"valid": False}
    forged = {**body, "certificate": {**certificate, "rows": {}}}
    assert people.post(verify, forged).json == {"valid": False}
    told = [(event.act, event.target) for event in chain_of(people.doors.engine, TENANT)]
    assert told.count(("person.erase", f"person:{found['pseudonym']}")) == 1


def test_an_erasure_is_refused_while_the_account_is_there_and_under_a_hold(api: Api) -> None:
    seed(api.doors.engine, gone=False)
    assert code(erase(api)) == (409, "person_present")
    collect(api.doors.engine, TENANT, "users", [JOANN, NAMESAKE])
    api.post(HOLDS, {"reason": "case"})
    assert code(erase(api)) == (409, "tenant_on_hold")
    assert len(rows_of(api.doors.engine, "users", "id, valid_from")) == 4
    assert all(not row[0].startswith("p_") for row in rows_of(api.doors.engine, "users", "id, 1"))


def test_a_rejected_erasure_forgets_whom_it_was_about(strict: Api, second: Api) -> None:
    asked = erase(strict)
    path = f"/v1/approvals/{asked.json['approval']['approvalId']}"
    assert second.post(f"{path}/reject", {}).status == 200
    found = strict.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    assert found["state"] == "rejected"
    with tenant_session(strict.doors.engine, TENANT) as connection:
        left = connection.execute(text("SELECT identity FROM kanri.person_requests")).scalars()
        assert list(left) == [None]


def test_a_hold_that_is_placed_meanwhile_stops_it_and_it_is_done_afterwards(people: Api) -> None:
    asked = erase(people)
    hold = people.post(HOLDS, {"reason": "case"}).json["holdId"]
    work_off(people, asked)
    job = people.get(f"/v1/jobs/{asked.json['jobId']}").json
    assert (job["state"], job["problem"]["code"]) == ("failed", "tenant_on_hold")
    people.post(f"{HOLDS}/{hold}/lift")
    again = f"{TENANT}/{asked.json['erasureId']}"
    run(people, "erase_person", again)
    found = people.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    assert found["state"] == "done"


def run(api: Api, kind: str, subject: str) -> None:
    claim = Claim(
        kind=kind, tenant_id=DEPLOYMENT, subject=subject, run_id=uuid4(), trigger="schedule"
    )
    asyncio.run(work_on(claim, doors_of(api)))


def test_broken_off_it_goes_on_and_what_comes_later_is_veiled_by_night(
    people: Api, owner: psycopg.Connection
) -> None:
    engine = people.doors.engine
    identity = who_is(engine, TENANT, user_id=ANN_ID).identity
    asked = erase(people)
    work_off(people, asked, seconds=0)  # a part a step
    found = people.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
    assert (found["state"], sum(found["rows"].values())) == ("done", 4)
    assert scan(owner, [one for one in identity.likes if "ann@" not in one]) == {}
    late = [
        {"id": one["user_principal_name"], "user_principal_name": one["user_principal_name"]}
        for one in (ANN, JOANN, NAMESAKE)
    ]
    collect(engine, TENANT, "mailbox_usage", late, report_date=date(2026, 11, 1))
    for _ in range(2):
        run(people, "veil_again", "erased")
        rows = rows_of(engine, "mailbox_usage", "id, valid_from, valid_to")
        assert not [row for row in rows if row[0] == "ann@contoso.com"]
        current = [row[0] for row in rows if row[2] is None]
        assert len(current) == len(set(current)) == 3


def test_after_a_full_collection_no_table_names_him_and_reports_count_the_same(
    api: Api, bench: Bench, owner: psycopg.Connection
) -> None:
    for dataset in datasets():
        bench.collect(dataset)
    engine, tenant_id = bench.engine, bench.tenant_id
    victim = _victim(engine, tenant_id)
    with tenant_session(engine, tenant_id) as connection:
        gone = text("UPDATE data.users SET valid_to = now() WHERE id = :id AND valid_to IS NULL")
        connection.execute(gone, {"id": victim})
    identity = who_is(engine, tenant_id, user_id=victim).identity
    likes = identity.likes
    named = {name for name in scan(owner, likes) if name.startswith("data.")}
    assert len(named) > 5, named
    totals, others = _totals(api, tenant_id), _others(owner, likes)
    persons = f"/v1/tenants/{tenant_id}/persons"
    exported = api.post(f"{persons}/exports", {"userId": victim}).json
    assert {f"data.{one['dataset']}" for one in exported["rows"]} == named
    work_off(api, api.post(f"{persons}/erasures", {"userId": victim}))
    assert {
        table: rows for table, rows in scan(owner, likes).items() if "audit_events" not in table
    } == {}
    assert _totals(api, tenant_id) == totals
    assert others <= _others(owner, likes)
    again = api.post(f"{persons}/erasures", {"userId": victim})
    work_off(api, again)
    rows = api.get(f"{persons}/erasures/{again.json['erasureId']}").json["rows"]
    assert sum(rows.values()) == 0


def _victim(engine: Engine, tenant_id: UUID) -> str:
    """A user with sign-ins and a drive, whom most tables name."""
    query = text("""
        SELECT u.id FROM data.users u WHERE u.valid_to IS NULL
            AND EXISTS (SELECT FROM data.sign_ins s WHERE s.user_id = u.id)
        ORDER BY EXISTS (SELECT FROM data.users o
                WHERE o.id <> u.id AND o.display_name = u.display_name),
            NOT EXISTS (SELECT FROM data.user_drives d WHERE d.user_id = u.id), u.id LIMIT 1""")
    with tenant_session(engine, tenant_id) as connection:
        return str(connection.execute(query).scalar_one())


def _totals(api: Api, tenant_id: UUID) -> dict[str, object]:
    path = f"/v1/tenants/{tenant_id}/reports"
    return {
        key: api.get(f"{path}/{key}", count="true", top=1).json.get("total")
        for key in report_keys()
    }


def _others(owner: psycopg.Connection, likes: list[str]) -> set[tuple[str, str]]:
    """The rows of all datasets that do not name him."""
    found = set()
    for dataset in datasets():
        query = f"""SELECT md5(t::text) FROM data.{dataset} t
            WHERE NOT lower(t::text) LIKE ANY(%s)"""
        found |= {(dataset, one) for (one,) in owner.execute(query.encode(), [likes])}
    return found
