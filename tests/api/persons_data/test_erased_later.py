"""What is collected of a person, or was broken off, after an erasure: veiled by night."""

from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import Engine, text

from shared.core.registry import datasets, kept, report_keys
from shared.store.persons.finding import who_is
from shared.store.session.sessions import tenant_session
from tests.api.conftest import TENANT, Api
from tests.api.persons_data.ann import (
    ANN,
    ANN_ID,
    HOLDS,
    JOANN,
    NAMESAKE,
    NOW,
    PERSONS,
    erase,
    rows_of,
    run,
    scan,
    work_off,
)
from tests.fixtures.collecting import Bench
from tests.fixtures.seed import collect

pytestmark = [pytest.mark.stack, pytest.mark.slow]

# All of it is looked through for a name again and again.
SANDBOX_USERS = 50


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
        login = text("SELECT user_principal_name FROM data.users WHERE id = :id LIMIT 1")
        name = str(connection.execute(login, {"id": victim}).scalar_one())
        gone = text("UPDATE data.users SET valid_to = now() WHERE id = :id AND valid_to IS NULL")
        connection.execute(gone, {"id": victim})
    broken = {"id": f"{name}/PC/locked", "user_name": name, "device_name": "PC", "error": "locked"}
    collect(engine, tenant_id, "onedrive_sync_errors", [broken])
    identity = who_is(engine, tenant_id, user_id=victim).identity
    likes = identity.likes
    named = {name for name in scan(owner, likes) if name.startswith("data.")}
    assert len(named) > 5, named
    assert "data.onedrive_sync_errors" in named, "what was imported, too"
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
    for dataset in kept():
        query = f"""SELECT md5(t::text) FROM data.{dataset} t
            WHERE NOT lower(t::text) LIKE ANY(%s)"""
        found |= {(dataset, one) for (one,) in owner.execute(query.encode(), [likes])}
    return found


def test_whom_nobody_can_tell_any_more_is_said_and_the_others_are_veiled(
    people: Api, owner: psycopg.Connection
) -> None:
    engine = people.doors.engine
    collect(engine, TENANT, "users", [JOANN], at=NOW - timedelta(days=1))
    for whom in ({"userId": ANN_ID}, {"userPrincipalName": NAMESAKE["user_principal_name"]}):
        asked = erase(people, **whom)
        assert asked.status == 202, asked.json
        work_off(people, asked)
        found = people.get(f"{PERSONS}/erasures/{asked.json['erasureId']}").json
        assert found["state"] == "done", found
    late = [
        {"id": one["user_principal_name"], "user_principal_name": one["user_principal_name"]}
        for one in (ANN, JOANN, NAMESAKE)
    ]
    collect(engine, TENANT, "mailbox_usage", late, report_date=date(2026, 11, 1))
    spoilt = owner.execute(
        "UPDATE kanri.person_requests SET sealed = overlay(sealed placing '\\x00'::bytea from 40)"
        " WHERE request_id = (SELECT min(request_id::text)::uuid FROM kanri.person_requests"
        "   WHERE sealed IS NOT NULL)"
    )
    assert spoilt.rowcount == 1
    run(people, "veil_again", "erased")
    names = {row[0] for row in rows_of(engine, "mailbox_usage", "id, valid_from")}
    assert len(names & {one["user_principal_name"] for one in (ANN, NAMESAKE)}) == 1
    ended = owner.execute(
        "SELECT state, cause FROM kanri.ledger WHERE kind = 'veil_again' AND state IS NOT NULL"
    ).fetchall()
    assert ended == [("partial", "sealed_altered")]


def test_what_was_held_for_long_is_veiled_when_it_is_held_no_more(
    people: Api, owner: psycopg.Connection
) -> None:
    """And a hold of one dataset keeps none of the others from being veiled meanwhile."""
    engine, then = people.doors.engine, NOW - timedelta(days=20)
    work_off(people, erase(people))
    owner.execute("UPDATE kanri.person_requests SET done_at = %s", [then])
    named = {"datasets": ["mailbox_usage"], "reason": "case"}
    hold = people.post(HOLDS, named).json["holdId"]
    late = [{"id": ANN["user_principal_name"], "user_principal_name": ANN["user_principal_name"]}]
    for dataset in ("mailbox_usage", "teams_user_activity"):
        collect(
            engine, TENANT, dataset, late, report_date=date(2026, 11, 1), at=NOW - timedelta(days=9)
        )

    def unveiled() -> list[str]:
        run(people, "veil_again", "erased")
        found = (
            (dataset, rows_of(engine, dataset, "id, valid_from"))
            for dataset in ("mailbox_usage", "teams_user_activity")
        )
        return [dataset for dataset, rows in found if "ann@contoso.com" in {row[0] for row in rows}]

    assert unveiled() == ["mailbox_usage"]
    assert people.post(f"{HOLDS}/{hold}/lift").status == 200
    assert unveiled() == []
    ended = owner.execute(
        "SELECT state, cause FROM kanri.ledger WHERE kind = 'veil_again' ORDER BY finished_at"
    ).fetchall()
    assert ended == [("partial", "tenant_on_hold"), ("ok", None)]
