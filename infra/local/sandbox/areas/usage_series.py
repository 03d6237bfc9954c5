"""Usage reports without people: active users by day, and by service over a period.

Column names: the response sections of the v1.0 report pages.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from infra.local.sandbox.tenant.daily_use import (
    BUSY,
    SERVICES,
    Line,
    active,
    licensed,
    refreshed,
    series,
)
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import csv_text

_HEADER = ",".join(
    ("Report Refresh Date,Office 365", *SERVICES, "Report Date,Report Period")
)  # fmt: skip
# Of the licensed, those who do anything at all within so many days, beside those of one day.
_REACH = {"D7": 0.35, "D30": 0.6, "D90": 0.72, "D180": 0.8}


def _day(tenant: Tenant, day: date) -> Iterator[Line]:
    yield active(tenant, day)


def _active_users(tenant: Tenant, period: str, _concealed: bool) -> str:
    return series(tenant, period, _HEADER, _day)


def _services(tenant: Tenant, period: str, _concealed: bool) -> str:
    refresh = refreshed(tenant)
    held = tenant.part(licensed)
    newest = active(tenant, refresh - timedelta(days=refresh.weekday()))
    total = {**held.by_service, "Office 365": held.anyone}
    header: list[str] = ["Report Refresh Date"]
    cells: list[object] = [refresh]
    for name, number in total.items():
        reached = newest[name] + int(
            (number - newest[name]) * _REACH[period] * min(1.0, 1.2 * BUSY.get(name, 1))
        )
        header += [f"{name} Active", f"{name} Inactive"]
        cells += [reached, number - reached]
    line = (*cells, period.removeprefix("D"))
    return csv_text(",".join((*header, "Report Period")), [line])


REPORTS = {
    "getOffice365ActiveUserCounts": _active_users,
    "getOffice365ServicesUserCounts": _services,
}
