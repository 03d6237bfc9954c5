"""How much a day brings, and files with lines for each day: what usage reports without people tell.

It depends on nothing but the seed and that day, so that a day reads the same in every file that shows
it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b

from infra.local.sandbox.tenant.licences import BUNDLES, PRODUCTS
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import LAG, csv_text

# column: what the names of its service plans begin with; the order of the pages
SERVICES = {
    "Exchange": "EXCHANGE",
    "OneDrive": "SHAREPOINT",
    "SharePoint": "SHAREPOINT",
    "Skype For Business": "MCO",
    "Yammer": "YAMMER",
    "Teams": "TEAMS",
}
# Of the licensed, those who do anything on a working day.
BUSY = {
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
MISSING_DAY = 45  # before the seeded instant: the one day that no file ever tells of

type Line = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Licensed:
    """People by service, and those with any of them."""

    by_service: dict[str, int]
    anyone: int


def licensed(tenant: Tenant) -> Licensed:
    """Count those who hold a service; ask for it by `tenant.part`."""
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
        for name, prefix in SERVICES.items()
    }  # fmt: skip
    return Licensed(by_service, max(by_service.values()))


def refreshed(tenant: Tenant) -> date:
    """The newest day that is published."""
    return (tenant.clock.now() - LAG).date()


def days_before(tenant: Tenant, day: date) -> int:
    """Days from `day` to the seeded instant; negative for what came after it."""
    return (datetime.fromtimestamp(tenant.anchor, UTC).date() - day).days


def chance(tenant: Tenant, about: str, day: date) -> float:
    """A number from -0.5 to 0.5 that belongs to a day."""
    draw = blake2b(f"{tenant.seed}/{about}/{day}".encode(), digest_size=2).digest()
    return int.from_bytes(draw) / 0xFFFF - 0.5


def active(tenant: Tenant, day: date) -> dict[str, int]:
    """Active users of a day by service, `Office 365` included."""
    held = tenant.part(licensed)
    usual = (_WEEKEND if day.weekday() >= 5 else 1.0) * (1 - _GROWTH * days_before(tenant, day))
    found = {}
    for name, number in held.by_service.items():
        noise = 1 + _NOISE * chance(tenant, name, day)
        found[name] = min(number, max(0, round(number * BUSY[name] * usual * noise)))
    busiest = max(found.values())
    return {"Office 365": busiest + (held.anyone - busiest) // 10, **found}


def series(
    tenant: Tenant, period: str, header: str, told: Callable[[Tenant, date], Iterable[Line]]
) -> str:
    """A file of `period` (`D7` and the like) with what is `told` of each day, newest first."""
    refresh, length = refreshed(tenant), period.removeprefix("D")
    lines: list[list[object]] = []
    for age in range(int(length)):
        day = refresh - timedelta(days=age)
        if days_before(tenant, day) == MISSING_DAY:
            continue
        for line in told(tenant, day):
            dated = {
                **line,
                "Report Refresh Date": refresh,
                "Report Date": day,
                "Report Period": length,
            }
            lines.append([dated[name] for name in header.split(",")])
    return csv_text(header, lines)
