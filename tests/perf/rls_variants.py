"""The measured processes of `rls`: the same page queries with and without the tenant policies."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.core.query import Match, Order, ReportQuery
from shared.core.registry import report, report_keys
from shared.core.report import Report
from shared.core.settings import read_settings
from tests.perf.measure import Figures
from tests.perf.repeat import percentile

type Job = Mapping[str, Any]

_TOP = 100


def page_times(job: Job) -> Figures:
    """Return p50 in ms of each report's first page, by the role of `job["url"]`.

    The statements are the same for both roles: they name the tenant. The owner has no policies.
    """
    from shared.store.engine import open_engine
    from shared.store.reports import Reports

    reports = Reports(open_engine(read_settings({"KANRI_DATABASE_URL": job["url"]})))
    tenant_id = UUID(job["tenant_id"])
    figures: Figures = {}
    for name, (spec, query) in queries(job["prefix"], job["part"]).items():
        spans = []
        for number in range(int(job["requests"]) + 5):
            begun = time.perf_counter()
            with reports.snapshot(tenant_id) as snapshot:
                page = snapshot.page(spec, query)
            if number >= 5:  # the first ones open, prepare and warm up
                spans.append((time.perf_counter() - begun) * 1000)
        assert page.rows, f"{name} answered nothing"
        figures[name] = percentile(sorted(spans), 0.5)
    return figures


def queries(prefix: str, part: str) -> dict[str, tuple[Report, ReportQuery]]:
    """Return the first page of every report, and of the user list two searches."""
    found = {key: (report(key), first_page(report(key))) for key in report_keys()}
    users = report("users")
    for name, search in (
        ("users startswith", Match("user_principal_name", "startswith", prefix)),
        ("users contains", Match("display_name", "contains", part)),
    ):
        query = first_page(users)
        found[name] = (
            users,
            ReportQuery(as_of=None, columns=query.columns, order=query.order, where=search),
        )
    return found


def first_page(spec: Report, top: int = _TOP) -> ReportQuery:
    """Return the query of a report's first page: all columns, default order."""
    given = [Order(name.removeprefix("-"), name.startswith("-")) for name in spec.order]
    named = {order.column for order in given}
    given += [Order(name) for name in spec.row_key if name not in named]
    columns = tuple(column.id for column in spec.columns)
    return ReportQuery(as_of=None, columns=columns, order=tuple(given), top=top)
