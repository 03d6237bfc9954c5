"""Usage reports: a redirect to the CSV file; and the setting that conceals names.

Of a period, of one day (`date=`: who did anything on it, for 30 days), or of neither.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial

from infra.local.sandbox import downloads
from infra.local.sandbox.messages import ApiError, Reply, json_reply
from infra.local.sandbox.odata.pages import context
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.scan import united
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import OF_PEOPLE
from infra.local.sandbox.throttling import Limit

_PERIODS = ("D7", "D30", "D90", "D180")
_KEPT = timedelta(days=30)


def concealed(call: Call) -> bool:
    """Whether the tenant's reports hold hashes in the place of names."""
    return call.tenant.conceal_names or "concealed_names" in call.faults


def _named(wanted: str, reports: Iterable[str]) -> str:
    found = next((name for name in reports if name.lower() == wanted.lower()), None)
    if found is None:
        raise ApiError(400, "BadRequest", f"Resource not found for the segment '{wanted}'.")
    return found


def _of_period(call: Call) -> Reply:
    report = _named(call.args["report"], united("REPORTS"))
    if call.args["period"] not in _PERIODS:
        raise ApiError(400, "InvalidArgument", f"The period must be one of {', '.join(_PERIODS)}.")
    return _redirect(call, report, call.args["period"])


def _of_day(call: Call) -> Reply:
    report = _named(call.args["report"], united("DAYS"))
    try:
        day = date.fromisoformat(call.args["date"])
    except ValueError as error:
        raise ApiError(400, "InvalidArgument", "The date must be YYYY-MM-DD.") from error
    today = call.tenant.clock.now().date()
    if not today - _KEPT <= day <= today:
        raise ApiError(400, "InvalidArgument", "The date must be one of the last 30 days.")
    return _redirect(call, report, day.isoformat())


def _as_it_is(call: Call) -> Reply:
    return _redirect(call, _named(call.args["report"], united("PRESENT")), "")


def _redirect(call: Call, report: str, asked: str) -> Reply:
    if any(name.startswith("$") for name in call.query):
        raise ApiError(400, "BadRequest", "OData query options are not supported on this report.")
    target = downloads.url(
        call.tenant,
        call.base.rsplit("/", 1)[0],
        report,
        asked,
        concealed=concealed(call),
        broken="broken_redirect" in call.faults,
    )
    return Reply(302, headers={"location": target, "content-type": "text/plain"})


def _of_people(report: str, tenant: Tenant, period: str, concealed: bool) -> str:
    return tenant.usage.text(report, period, tenant.clock.now(), concealed=concealed)


def _settings(call: Call) -> Reply:
    body = {
        "@odata.context": context(call, "admin/reportSettings") + "/$entity",
        "displayConcealedNames": concealed(call),
    }
    return json_reply(body)


LIMITS = {
    "reports": (Limit(14, 600.0, by_path=True), Limit(40, 600.0, scope="Tenant", by_path=True))
}
REPORTS = {name: partial(_of_people, name) for name in OF_PEOPLE}
ROUTES = (
    Route(
        r"/reports/(?P<report>get\w+)\(period='(?P<period>[^']*)'\)",
        _of_period,
        ("Reports.Read.All",),
        budget="reports",
    ),
    Route(
        r"/reports/(?P<report>get\w+)\(date=(?P<date>[^')]*)\)",
        _of_day,
        ("Reports.Read.All",),
        budget="reports",
    ),
    Route(
        r"/reports/(?P<report>get\w+)",
        _as_it_is,
        ("Reports.Read.All",),
        budget="reports",
    ),
    Route(r"/admin/reportSettings", _settings, ("ReportSettings.Read.All",), budget=""),
)
