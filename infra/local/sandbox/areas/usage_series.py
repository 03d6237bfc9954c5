"""Usage reports without people: active users by day, and by service over a period.

Column names: the response sections of the v1.0 report pages. How many a day brings depends on
nothing but the seed and that day, so that a day reads the same in every file that shows it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

from infra.local.sandbox.tenant.licences import BUNDLES, PRODUCTS
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import LAG

# column: what the names of its service plans begin with; the page's order of columns
_SERVICES = {
    "Exchange": "EXCHANGE",
    "OneDrive": "SHAREPOINT",
    "SharePoint": "SHAREPOINT",
    "Skype For Business": "MCO",
    "Yammer": "YAMMER",
    "Teams": "TEAMS",
}
# Of the licensed, those who do anything on a working day.
_BUSY = {
    "Exchange": 0.82,
    "OneDrive": 0.55,
    "SharePoint": 0.48,
    "Skype For Business": 0.02,
    "Yammer": 0.05,
    "Teams": 0.76,
}
_WEEKEND = 0.15
_GROWTH = 0.0004  # a day: what lets a month differ from the month before
_NOISE = 0.06
# Of the licensed, those who do anything at all within so many days, beside those of one day.
_REACH = {"D7": 0.35, "D30": 0.6, "D90": 0.72, "D180": 0.8}
MISSING_DAY = 45  # before the seeded instant: the one day that no file ever tells of


@dataclass(frozen=True, slots=True)
class _Licensed:
    """People by service, and those with any of them."""

    by_service: dict[str, int]
    anyone: int


def _licensed(tenant: Tenant) -> _Licensed:
    people = tenant.people
    held = Counter(people.bundle(index) for index in range(people.count))
    plans = [
        {plan for part in parts for plan in PRODUCTS[part][1]} for _share, parts in BUNDLES
    ]  # fmt: skip
    by_service = {
        name: sum(
            number for bundle, number in held.items()
            if any(plan.startswith(prefix) for plan in plans[bundle])
        )
        for name, prefix in _SERVICES.items()
    }  # fmt: skip
    return _Licensed(by_service, max(by_service.values()))


def _day(tenant: Tenant, day: date) -> dict[str, int]:
    """Active users of a day by column, `Office 365` included."""
    licensed = tenant.part(_licensed)
    age = (datetime.fromtimestamp(tenant.anchor, UTC).date() - day).days
    usual = (_WEEKEND if day.weekday() >= 5 else 1.0) * (1 - _GROWTH * age)
    active = {}
    for name, number in licensed.by_service.items():
        draw = blake2b(f"{tenant.seed}/{name}/{day}".encode(), digest_size=2).digest()
        noise = 1 + _NOISE * (int.from_bytes(draw) / 0xFFFF - 0.5)
        active[name] = min(number, max(0, round(number * _BUSY[name] * usual * noise)))
    busiest = max(active.values())
    return {"Office 365": busiest + (licensed.anyone - busiest) // 10, **active}


def _active_users(tenant: Tenant, period: str, _concealed: bool) -> str:
    refresh = (tenant.clock.now() - LAG).date()
    missing = datetime.fromtimestamp(tenant.anchor, UTC).date() - timedelta(days=MISSING_DAY)
    length = period.removeprefix("D")
    columns = ("Office 365", *_SERVICES)
    lines = [",".join(("Report Refresh Date", *columns, "Report Date", "Report Period"))]
    for age in range(int(length)):
        day = refresh - timedelta(days=age)
        if day == missing:
            continue
        active = _day(tenant, day)
        cells = (refresh, *(active[name] for name in columns), day, length)
        lines.append(",".join(map(str, cells)))
    return _file(lines)


def _services(tenant: Tenant, period: str, _concealed: bool) -> str:
    refresh = (tenant.clock.now() - LAG).date()
    licensed, newest = (
        tenant.part(_licensed),
        _day(tenant, refresh - timedelta(days=refresh.weekday())),
    )
    total = {**licensed.by_service, "Office 365": licensed.anyone}
    header, cells = ["Report Refresh Date"], [str(refresh)]
    for name, number in total.items():
        active = newest[name] + int(
            (number - newest[name]) * _REACH[period] * min(1.0, 1.2 * _BUSY.get(name, 1))
        )
        header += [f"{name} Active", f"{name} Inactive"]
        cells += [str(active), str(number - active)]
    lines = [",".join((*header, "Report Period")), ",".join((*cells, period.removeprefix("D")))]
    return _file(lines)


def _file(lines: list[str]) -> str:
    return "\ufeff" + "\r\n".join(lines) + "\r\n"


REPORTS = {
    "getOffice365ActiveUserCounts": _active_users,
    "getOffice365ServicesUserCounts": _services,
}
