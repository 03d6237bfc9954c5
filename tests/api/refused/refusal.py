"""What is the same in every refusal: its form, and that nothing has changed."""

import json
from datetime import timedelta

from sqlalchemy import Engine, text

from shared.core import clock
from tests.api.conftest import TENANT, Answer

NOBODY = "99999999-9999-9999-9999-999999999999"
SOON = (clock.now() + timedelta(days=1)).isoformat()
REPORT = f"/v1/tenants/{TENANT}/reports/users"


def refused(answer: Answer, status: int, code: str, parameter: str | None) -> None:
    problem = answer.json
    assert (answer.status, problem["code"]) == (status, code), problem
    assert problem.get("parameter") == parameter, problem
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert set(problem) >= {"type", "title", "status", "detail", "instance", "requestId"}
    assert problem["requestId"] == answer.headers["X-Request-Id"]
    assert "{parameter" not in problem["detail"]


def state(engine: Engine) -> str:
    """A digest of every row in every table that the API could have changed."""
    tables = ("tenants", "work_state", "ledger", "api_keys", "dead_letters", "budgets")
    with engine.begin() as connection:
        connection.execute(text("SELECT set_config('kanri.scope', 'operator', true)"))
        return json.dumps(
            [
                connection.execute(
                    text(
                        f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM kanri.{table} t"
                    )
                ).scalar()
                for table in tables
            ]
        )
