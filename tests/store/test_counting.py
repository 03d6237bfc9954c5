"""What is counted is what a page shows: the same objects, at any instant, however long each stayed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from shared.catalog.report_rows import ReportRows
from shared.catalog.table import Table, col
from shared.core.report import Report, Sources
from shared.core.text import Text
from tests.store.catalogue import COLLECTORS
from tests.store.tenant_data import T0, TenantData, page

pytestmark = pytest.mark.stack

WORDS = Text("Value", "値")
# Up to the ends of classes of stays and beyond, a microsecond apart from each.
HOURS = (0, 1, 2, 4, 1024, 2**18)
STAYS = [
    stay
    for hours in HOURS
    for apart in (-1, 0, 1)
    if (stay := timedelta(hours=hours, microseconds=apart)) > timedelta(0)
]
END = datetime(2026, 2, 1, tzinfo=UTC)


def _report(*, counted: bool) -> Report:
    def table(s: Sources) -> Table:
        person = (s.counted("people") if counted else s.entity("people")).c
        return Table(person.id.table, col("id", person.id, WORDS), col("age", person.age, WORDS))

    rows = ReportRows(table, COLLECTORS.__getitem__)
    return Report(title=WORDS, description=WORDS, table=rows, order=("id",), key="counting")


COUNTED, SHOWN = _report(counted=True), _report(counted=False)


def _people(tenant: TenantData, owner_url: str) -> list[datetime]:
    """Let a version of each stay end at one instant and a current one follow; return all edges."""
    people = [{"id": f"{number:03}", "age": number} for number in range(len(STAYS))]
    tenant.load("people", page("people", people), T0 - timedelta(days=1))
    newer = [{**person, "age": 1000 + number} for number, person in enumerate(people)]
    tenant.load(
        "people", page("people", newer[:-2], removed=[str(p["id"]) for p in people[-2:]]), T0
    )
    given: dict[str, Any] = {"tenant": tenant.tenant_id, "end": END}
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for number, stay in enumerate(STAYS):
            owner.execute(
                "UPDATE data.people SET valid_from = %(end)s - %(stay)s, valid_to = %(end)s"
                " WHERE tenant_id = %(tenant)s AND id = %(id)s AND valid_to IS NOT NULL",
                given | {"stay": stay, "id": f"{number:03}"},
            )
    return [END, T0, *(END - stay for stay in STAYS)]


def test_what_is_counted_is_what_was_valid_at_any_instant(
    tenant: TenantData, owner_url: str
) -> None:
    edges = _people(tenant, owner_url)
    near = (timedelta(0), timedelta(microseconds=1), -timedelta(microseconds=1))
    sizes = set()
    for instant in (edge + apart for edge in edges for apart in near):
        shown = tenant.ask(SHOWN, "id", "age", as_of=instant).rows
        assert tenant.ask(COUNTED, "id", "age", as_of=instant).rows == shown, instant
        sizes.add(len(shown))
    assert {0, 1, len(STAYS), len(STAYS) - 2} <= sizes
    now = tenant.ask(SHOWN, "id", "age").rows
    assert len(now) == len(STAYS) - 2
    assert tenant.ask(COUNTED, "id", "age").rows == now


def test_only_objects_are_counted(tenant: TenantData) -> None:
    def table(s: Sources) -> Table:
        found = s.counted("usage")
        return Table(found, col("id", found.c.id, WORDS))

    rows = ReportRows(table, COLLECTORS.__getitem__)
    asked = Report(title=WORDS, description=WORDS, table=rows, order=("id",), key="counting")
    with pytest.raises(ValueError, match="usage holds shape measure"):
        tenant.ask(asked, "id")
