"""Usage reports without people: what mailboxes, OneDrives and sites take up, a line a day.

Column names: the response sections of the v1.0 report pages. What there is on a day follows from what
the reports by mailbox, OneDrive and site tell, and grew slowly to that.
"""

import csv
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date

from infra.local.sandbox.tenant.daily_use import Line, days_before, series
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.sites import sites

_STORAGE = "Report Refresh Date,Storage Used (Byte),Report Date,Report Period"
_BY_TYPE = "Report Refresh Date,Site Type,Storage Used (Byte),Report Date,Report Period"
_QUOTA = (
    "Report Refresh Date,Under Limit,Warning Issued,Send Prohibited,Send/Receive Prohibited,"
    "Indeterminate,Report Date,Report Period"
)
_GROWTH = 0.0008  # a day
_WARNED, _MUTE, _CLOSED = 0.98, 0.99, 1.0  # of a mailbox's quota


def _boxes(tenant: Tenant) -> tuple[int, list[float]]:
    """Bytes of all mailboxes, and how full each is, in order."""
    text = tenant.usage.text("getMailboxUsageDetail", "D7", tenant.clock.now(), concealed=False)
    rows = list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))
    used = [int(row["Storage Used (Byte)"]) for row in rows]
    quotas = [int(row["Prohibit Send/Receive Quota (Byte)"]) for row in rows]
    return sum(used), sorted(part / quota for part, quota in zip(used, quotas, strict=True))


def _drives(tenant: Tenant) -> int:
    now = tenant.clock.now()
    text = tenant.usage.text("getOneDriveUsageAccountDetail", "D7", now, concealed=False)
    rows = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    return sum(int(row["Storage Used (Byte)"]) for row in rows)


def _grown(tenant: Tenant, day: date) -> float:
    return 1 - _GROWTH * days_before(tenant, day)


def _mailboxes(tenant: Tenant, day: date) -> Iterator[Line]:
    yield {"Storage Used (Byte)": int(tenant.part(_boxes)[0] * _grown(tenant, day))}


def _quotas(tenant: Tenant, day: date) -> Iterator[Line]:
    full = tenant.part(_boxes)[1]
    warned, mute, closed = (
        bisect_left(full, limit / _grown(tenant, day)) for limit in (_WARNED, _MUTE, _CLOSED)
    )
    yield {
        "Under Limit": warned,
        "Warning Issued": mute - warned,
        "Send Prohibited": closed - mute,
        "Send/Receive Prohibited": len(full) - closed,
        "Indeterminate": 0,
    }


def _onedrive(tenant: Tenant, day: date) -> Iterator[Line]:
    used = int(tenant.part(_drives) * _grown(tenant, day))
    yield {"Site Type": "OneDrive", "Storage Used (Byte)": used}


def _sharepoint(tenant: Tenant, day: date) -> Iterator[Line]:
    """A line for each type of site and one for all of them."""
    found = {"All": 0}
    for site in tenant.part(sites):
        used = int(site.used * _grown(tenant, day))
        found[site.kind] = found.get(site.kind, 0) + used
        found["All"] += used
    for kind, used in found.items():
        yield {"Site Type": kind, "Storage Used (Byte)": used}


REPORTS = {
    "getMailboxUsageStorage": lambda tenant, period, _: series(
        tenant, period, _STORAGE, _mailboxes
    ),
    "getMailboxUsageQuotaStatusMailboxCounts": lambda tenant, period, _: series(
        tenant, period, _QUOTA, _quotas
    ),
    "getOneDriveUsageStorage": lambda tenant, period, _: series(
        tenant, period, _BY_TYPE, _onedrive
    ),
    "getSharePointSiteUsageStorage": lambda tenant, period, _: series(
        tenant, period, _BY_TYPE, _sharepoint
    ),
}
