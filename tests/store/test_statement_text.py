"""No value of a question, a row or a key stands in SQL text: not in the log, not in pg_stat_statements."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from infra.local.postgres import Postgres
from shared.core.query import (
    Both,
    Compare,
    Condition,
    CsvStyle,
    Either,
    Match,
    OneOf,
    Order,
    ReportQuery,
)
from shared.core.settings import Settings
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.budgets import Budgets
from shared.store.schema.migrate import migrate
from shared.store.session.engine import open_engine
from tests.store.catalogue import COLLECTORS, PEOPLE_REPORT, REPORTS
from tests.store.conftest import PASSWORD, READER, ROLE
from tests.store.tenant_data import TenantData, minute, page

pytestmark = pytest.mark.stack

MARK = "himitsu"
"""Part of every personal value below."""

WHERE = Both(
    Either(Compare("mail", "eq", f"{MARK}@contoso.com"), Match("name", "startswith", f"{MARK} a")),
    Both(
        Match("name", "contains", f"{MARK} al"),
        Both(OneOf("name", (f"{MARK} alice", None)), Match("name", "endswith", f"{MARK} alice")),
    ),
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Postgres]:
    """A server that logs every statement, with the settings of production about parameters."""
    log = tmp_path / "server.log"
    options = {"log_statement": "all", "log_parameter_max_length": "0"}
    server = Postgres(tmp_path / "postgres", log_file=log, options=options)
    tmp_path.chmod(0o755)
    server.start()
    yield server
    server.stop()


def use_everything(tenant: TenantData) -> str:
    """Load, ask, search, export, authenticate; return the secret of a key."""
    alice = {"id": f"{MARK}-1", "name": f"{MARK} alice", "mail": f"{MARK}@contoso.com"}
    for at in range(3):
        tenant.load("people", page("people", [{**alice, "age": at}]), minute(at), full=True)
    tenant.load("people", page("people", [], removed=[f"{MARK}-1"]), minute(4))
    tenant.load("people", page("people", [alice]), minute(5))
    style = CsvStyle(headers=("Name",), labels={})
    for as_of in (None, minute(6)):
        asked = ReportQuery(as_of=as_of, columns=("name",), order=(Order("id"),), where=WHERE)
        text = b"".join(tenant.csv(PEOPLE_REPORT, asked, style)).decode()
        assert f"{MARK} alice" in text, text
        found = tenant.ask(PEOPLE_REPORT, "name", where=WHERE, as_of=as_of, count=True)
        assert found.rows == [(f"{MARK} alice",)]
    Budgets(tenant.engine).penalize(MARK, tenant.tenant_id, MARK, 1.0)
    keys = ApiKeys(tenant.engine)
    plain, _ = keys.create(
        f"{MARK} key", environment="test", permissions=[], tenant_ids=None, expires_at=None
    )
    assert keys.authenticate(plain) is not None
    return plain


def test_no_value_stands_in_sql_text(server: Postgres, tmp_path: Path) -> None:
    server.create_database("quiet")
    migrate(
        server.url("quiet"),
        app_role=ROLE,
        app_password=PASSWORD,
        reader_role=READER,
        collectors=COLLECTORS.values(),
        reports=REPORTS,
    )
    engine = open_engine(Settings(database_url=server.url("quiet", ROLE, PASSWORD)))
    try:
        plain = use_everything(TenantData(engine, f"{MARK} ltd"))
    finally:
        engine.dispose()
    with psycopg.connect(server.url("quiet"), autocommit=True) as owner:
        owner.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        texts = [str(text) for (text,) in owner.execute("SELECT query FROM pg_stat_statements")]
    assert any(text.startswith("COPY (") for text in texts)
    assert any("kanri.api_keys" in text for text in texts)
    log = (tmp_path / "server.log").read_text(encoding="utf-8")
    assert "COPY (" in log
    for text in (log, *texts):
        for secret in (MARK, plain, f"PASSWORD '{PASSWORD}'"):
            assert secret not in text, [line for line in text.splitlines() if secret in line][:3]


def test_values_of_every_type_reach_an_export(tenant: TenantData) -> None:
    name = "O'Hara \\ \"%_ 山田"
    born = datetime(2001, 2, 3, 4, 5, 6, 123456, tzinfo=UTC)
    row = {
        "id": "a",
        "name": name,
        "age": 2**53 + 1,
        "active": True,
        "bornAt": born,
        "weight": 0.1,
        "order": date(2020, 2, 29),
    }
    tenant.load("people", page("people", [row, {"id": "b", "name": ""}]))
    conditions: list[Condition] = [
        Compare("name", "eq", name),
        Match("name", "contains", "'hara \\ \"%_ 山"),
        OneOf("name", (name, "x,{}\"'")),
        Compare("age", "eq", 2**53 + 1),
        OneOf("age", (1, 2**53 + 1)),
        Compare("active", "eq", True),
        Compare("born_at", "eq", born),
        OneOf("born_at", (born,)),
        Compare("weight", "eq", 0.1),
        OneOf("weight", (0.1, 7)),
        Compare("order", "eq", date(2020, 2, 29)),
    ]
    style = CsvStyle(headers=("Id",), labels={}, bom=False)
    for where in conditions:
        question = ReportQuery(as_of=None, columns=("id",), order=(Order("id"),), where=where)
        text = b"".join(tenant.csv(PEOPLE_REPORT, question, style))
        assert text == b"Id\r\na\r\n", where
    empty = Match("name", "startswith", "\U0010ffff")
    question = ReportQuery(as_of=None, columns=("id",), order=(Order("id"),), where=empty)
    assert b"".join(tenant.csv(PEOPLE_REPORT, question, style)) == b"Id\r\n"
    nameless = Compare("name", "eq", "")
    question = ReportQuery(as_of=None, columns=("id",), order=(Order("id"),), where=nameless)
    assert b"".join(tenant.csv(PEOPLE_REPORT, question, style)) == b"Id\r\nb\r\n"
