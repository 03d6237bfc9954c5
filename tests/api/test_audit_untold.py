"""What the audit log cannot be told does not happen; a refusal stays one."""

import json
from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest

from infra.local.postgres import Postgres
from shared.core import clock
from shared.store.registers.api_keys import ApiKeys
from shared.store.schema.fixed_tables import fixed_tables
from shared.web.openapi import document
from shared.web.openapi_problems import refusals
from shared.web.routes import routes
from tests.api.conftest import TENANT, Api
from tests.fixtures.audited import chain_of
from tests.fixtures.seed import collect

pytestmark = pytest.mark.stack


@pytest.fixture
def blocked(api: Api, postgres_server: Postgres) -> Callable[[], None]:
    """Take from the application the right to store audit events."""

    def block() -> None:
        database = api.doors.engine.url.database
        with psycopg.connect(postgres_server.url(str(database))) as owner:
            owner.execute("REVOKE INSERT ON kanri.audit_events FROM kanri_app")

    return block


def test_what_cannot_be_told_is_not_read_either(
    api: Api, postgres_server: Postgres, blocked: Callable[[], None]
) -> None:
    collect(api.doors.engine, TENANT, "users", [{"id": "a", "display_name": "Ann"}])
    blocked()
    answer = api.get(f"/v1/tenants/{TENANT}/reports/users")
    assert (answer.status, b"Ann" in answer.body) == (500, False)


def test_a_refusal_that_cannot_be_told_stays_one(api: Api, blocked: Callable[[], None]) -> None:
    blocked()
    assert api.as_caller(x_api_key="kanri_test_wrong").get("/v1/tenants").status == 401


def test_an_act_whose_later_part_fails_is_told_a_second_time(
    api: Api, postgres_server: Postgres
) -> None:
    """An export of a person notes that it begins, and again what it has shown."""
    with psycopg.connect(postgres_server.url(str(api.doors.engine.url.database))) as owner:
        owner.execute("REVOKE UPDATE ON kanri.person_requests FROM kanri_app")
    body = {"userPrincipalName": "ann@contoso.com"}
    assert api.post(f"/v1/tenants/{TENANT}/persons/exports", body).status == 500
    told = [(event.act, event.result) for event in chain_of(api.doors.engine, TENANT)]
    assert told == [("person.export", "done"), ("person.export", "internal")]


def contents(owner: psycopg.Connection) -> dict[str, str]:
    """Return what every fixed table holds; the last use of a key and what was counted are no acts."""
    found = {}
    for table in fixed_tables():
        if table.name not in ("api_key_uses", "rate_windows"):
            query = f"SELECT coalesce(string_agg(t::text, ' ' ORDER BY t::text), '') FROM {table.fullname} t"
            [[text]] = owner.execute(query.encode()).fetchall()
            found[table.name] = str(text)
    return found


def test_no_route_changes_anything_that_it_cannot_tell(
    api: Api, postgres_server: Postgres, blocked: Callable[[], None]
) -> None:
    """Each route that changes something, with the body that its description gives as an example."""
    described = document(routes(), "en")["paths"]
    ends = (clock.now() + timedelta(minutes=30)).isoformat()
    _, key = ApiKeys(api.doors.engine).create(
        "k", environment="test", permissions=["report:read"], tenant_ids=None, expires_at=None
    )
    # Made on first use, and no part of any act.
    assert api.doors.secrets().pseudonym_secret != api.doors.secrets().anchor_key
    blocked()
    refused = []
    with psycopg.connect(postgres_server.url(str(api.doors.engine.url.database))) as owner:
        owner.autocommit = True
        before = contents(owner)
        for route in routes():
            if route.changes is None or "graph_refused" in refusals(route).get(502, ()):
                continue
            operation = described[f"/{route.path}"][route.method.lower()]
            content = operation.get("requestBody", {}).get("content", {})
            example = content.get("application/json", {}).get("example", {})
            own: dict[str, object] = {
                "expiresAt": ends,
                "permissions": ["report:read"],
                "tenantIds": [str(TENANT)],
                "datasets": ["users"] if route.path.endswith("collections") else {},
                "thresholds": {"staleDays": 30},
                "environment": "test",
                "ranges": None,
                "subjectKind": "key",
                "subjectId": str(key.key_id),
                "role": "mine" if route.path.startswith("v1/roles") else "reader",
                "scope": "all",
                "directory": None,
                "tenantId": None,
                "tag": None,
            }
            body = {name: own.get(name, value) for name, value in example.items()}
            path = route.path.replace("{tenant}", str(TENANT)).replace("{id}", str(key.key_id))
            seen = {"if-match": "*"}
            sent = json.dumps(body).encode()
            answer = api.send(route.method, f"/{path}", {}, sent, headers=seen)
            assert answer.status >= 400, route.changes
            assert contents(owner) == before, route.changes
            if answer.status == 500:
                refused.append(route.changes)
    acts = {"key.create", "key.revoke", "tenant.pause", "tenant.remove", "tenant.configure"}
    acts |= {"collection.start", "tenant.resume", "membership.create", "role.create"}
    assert acts <= set(refused)
