"""Every route x every role x {own tenant, other tenant, no tenant, all}: expected from the declarations alone.

The tenant asked about is one that was never added: who may, finds that out (404), and nothing is done.
Run with `-s` to see how many cases there were.
"""

import sys
from collections import Counter
from itertools import product
from uuid import UUID, uuid5

import pytest
from sqlalchemy import insert

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core import clock
from shared.core.role_permissions import ROLE_PERMISSIONS
from shared.core.settings import Settings
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.session.sessions import operator_session
from shared.web.route import Route
from shared.web.routes import routes
from tests.api.conftest import AUDIENCE, OTHER, Api

pytestmark = pytest.mark.stack

ASKED = UUID("55555555-5555-4555-8555-555555555555")
NOBODY = "66666666-6666-4666-8666-666666666666"
RELATIONS = ("own", "other", "none", "all")


@pytest.fixture
def app_settings(settings_with_tokens: Settings) -> Settings:
    return settings_with_tokens


def expected(route: Route, role: str, relation: str) -> str | None:
    """The code of the refusal, None for who is let in."""
    if route.permission == "signed_in":
        return None
    if relation == "none" or route.permission not in ROLE_PERMISSIONS[role]:
        return "permission_missing"
    if relation == "all":
        return None
    if route.every_tenant:
        return "scope_too_narrow"
    return "tenant_forbidden" if relation == "other" and route.tenant != "none" else None


@pytest.fixture
def callers(api: Api, sandbox: SandboxReady) -> dict[tuple[str, str], Api]:
    """Somebody of the operators' directory for each role and relation."""
    admin = SandboxAdmin(sandbox.admin_url, sandbox.ca_file, sandbox.admin_token)
    home, found = sandbox.tenants[0].tenant_id, {}
    scopes = {"own": ASKED, "other": OTHER, "all": None}
    rows = []
    for role, relation in product(ROLE_PERMISSIONS, RELATIONS):
        user = uuid5(ASKED, f"{role} {relation}")
        token = admin.token(AUDIENCE, home, user=str(user))
        found[role, relation] = api.as_caller(authorization=f"Bearer {token}")
        if relation in scopes:
            rows.append(
                {
                    "membership_id": user,
                    "subject_kind": "user",
                    "subject_directory": UUID(home),
                    "subject_id": user,
                    "role": role,
                    "scope_tenant": scopes[relation],
                    "created_at": clock.now(),
                }
            )
    with operator_session(api.doors.engine) as connection:
        connection.execute(insert(MEMBERSHIPS), rows)
    return found


def ask(caller: Api, route: Route) -> tuple[int, str | None]:
    path = route.path.replace("{tenant}", str(ASKED)).replace("{key}", "users")
    path = path.replace("{id}", NOBODY).replace("{role}", "reader")
    path = path.replace("{dataset}", "license_prices")
    answer = caller.send(route.method, f"/{path}", {}, b'{"nothing": "of the kind"}')
    assert answer.status != 500, answer.body
    code = answer.json.get("code") if answer.status in (401, 403) else None
    return answer.status, code


def test_every_right_is_as_declared(callers: dict[tuple[str, str], Api]) -> None:
    wrong, told = [], Counter[str]()
    for route in routes():
        if route.permission == "anonymous":
            continue
        for (role, relation), caller in callers.items():
            status, code = ask(caller, route)
            told[code or "let in"] += 1
            if code != expected(route, role, relation):
                wrong.append((route.method, route.path, role, relation, status, code))
    sys.stdout.write(f"rights: {told.total()} cases, {len(wrong)} wrong: {dict(told)}\n")
    assert not wrong
    assert told.total() > 1000
