"""Ann, whose data the tests of exports and erasures are about, and those whose names are like hers."""

import asyncio
from datetime import date, timedelta
from typing import Any, Never
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import Engine, text

from shared.core import clock
from shared.core.messages import Claim
from shared.core.work import DEPLOYMENT
from shared.store.session.sessions import tenant_session
from shared.usecases.doors import WorkDoors
from shared.usecases.receive import receive, work_on
from tests.api.conftest import TENANT, Answer, Api
from tests.fixtures.seed import collect

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


def run(api: Api, kind: str, subject: str) -> None:
    claim = Claim(
        kind=kind, tenant_id=DEPLOYMENT, subject=subject, run_id=uuid4(), trigger="schedule"
    )
    asyncio.run(work_on(claim, doors_of(api)))
