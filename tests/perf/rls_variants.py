"""The measured processes of `rls`: the same page queries with and without the tenant policies."""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared.core.query import Match, Order, ReportQuery
from shared.core.registry import collector, is_imported, report, report_keys
from shared.core.report import Report
from tests.perf.measure import Figures
from tests.perf.product_store import open_store
from tests.perf.repeat import percentile

type Job = Mapping[str, Any]

_TOP = 100

# The first ones open the sessions, prepare the statements and settle their plans.
_WARM_UP = 15


def page_times(job: Job) -> Figures:
    """Return p50 in ms of each report's first page, as `owner/<name>` and `policy/<name>`.

    The statements are the same for both roles: they name the tenant. The owner has no policies. The
    two take turns request by request, so that neither has the machine in a better hour.
    """
    from shared.store.answers.reports import Reports

    readers = {
        role: Reports(open_store({"app_database": job[url]}))
        for role, url in (("owner", "database"), ("policy", "app_database"))
    }
    tenant_id = UUID(job["tenant_id"])
    figures: Figures = {}
    for name, (spec, query) in queries(job["prefix"], job["part"]).items():
        spans: dict[str, list[float]] = {role: [] for role in readers}
        for number in range(int(job["requests"]) + _WARM_UP):
            for role, reports in readers.items():
                begun = time.perf_counter()
                with reports.snapshot(tenant_id) as snapshot:
                    page = snapshot.page(spec, query)
                if number >= _WARM_UP:
                    spans[role].append((time.perf_counter() - begun) * 1000)
                assert page.rows or _needs_a_job(spec), f"{name} answered nothing"
        for role, each in spans.items():
            figures[f"{role}/{name}"] = percentile(sorted(each), 0.5)
    return figures


def _needs_a_job(spec: Report) -> bool:
    """Whether it reads what Graph takes its time for, which is not collected here."""
    return any(
        not is_imported(name) and collector(name).answer.job is not None for name in spec.needs
    )


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
