"""Ages in days, by PostgreSQL: from moments behind, a little ahead, far ahead and without end."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import column, literal_column, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import TIMESTAMP

from infra.local.postgres import Postgres
from shared.catalog.expressions import days_before

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY, INSTANT = timedelta(days=1), TIMESTAMP(timezone=True)


def _sql(moment: str) -> str:
    now = literal_column(f"TIMESTAMPTZ '{NOW.isoformat()}'", INSTANT)
    age = select(days_before(now, column(moment, INSTANT)))
    written_out = {"literal_binds": True}
    return str(age.compile(dialect=postgresql.dialect(), compile_kwargs=written_out))  # type: ignore[no-untyped-call]


def test_an_age_mentions_its_moment_twice_at_most() -> None:
    """Reports compare an age up to five times, and a moment may be an expression of its own."""
    assert _sql("moment").count("moment") <= 2


@pytest.mark.stack
@pytest.mark.parametrize(
    ("moment", "days"),
    [
        (NOW - 400 * DAY, 400),
        (NOW - DAY, 1),
        (NOW - DAY + timedelta(microseconds=1), 0),
        (NOW, 0),
        (NOW + timedelta(microseconds=1), 0),
        (NOW + DAY, 0),
        (NOW + DAY + timedelta(microseconds=1), None),
        (NOW + 3 * DAY, None),
        (None, None),
        ("infinity", None),
    ],
    ids=str,
)
def test_an_age_is_counted_in_whole_days(
    postgres_server: Postgres, moment: datetime | str | None, days: int | None
) -> None:
    # As a constant it would be reckoned with while planning, whatever the condition before it.
    source = "(SELECT %s::timestamptz AS moment OFFSET 0) AS found"
    with psycopg.connect(postgres_server.url("postgres")) as server:
        found = server.execute(f"{_sql('moment')} FROM {source}".encode(), [moment]).fetchone()
    assert found == (days,)
