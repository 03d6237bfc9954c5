"""Microsoft's counts by day, the same for each of some days."""

from datetime import date, timedelta

from sqlalchemy import Engine

from tests.catalog.reports.answers import TENANT
from tests.fixtures.seed import collect

TODAY = date(2026, 11, 26)
FILES = {"viewed_or_edited": 10, "synced": 5, "shared_internally": 2, "shared_externally": 1}
MAIL = {"send": 1, "receive": 2, "read": 3}


def days(engine: Engine, dataset: str, *ages: int, **counts: int | None) -> None:
    """Collect the same counts for each of some days before TODAY."""
    for age in ages:
        day = TODAY - timedelta(days=age)
        collect(engine, TENANT, dataset, [{"id": str(day), **counts}], report_date=day)
