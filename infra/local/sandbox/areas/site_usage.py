"""Use of each SharePoint site.

Column names: the response section of "reportRoot: getSharePointSiteUsageDetail".
"""

from collections.abc import Iterator
from datetime import date

from infra.local.sandbox.tenant.daily_use import refreshed
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.sites import ALLOCATED, last_activity, sites
from infra.local.sandbox.tenant.usage import csv_text

_HEADER = (
    "Report Refresh Date,Site Id,Site URL,Owner Display Name,Is Deleted,Last Activity Date,File Count,"
    "Active File Count,Page View Count,Visited Page Count,Storage Used (Byte),"
    "Storage Allocated (Byte),Root Web Template,Owner Principal Name,External Sharing,"
    "Anonymous Link Count,Company Link Count,Secure Link For Guest Count,"
    "Secure Link For Member Count,Report Period"
)


def _lines(
    tenant: Tenant, refresh: date, length: str, *, concealed: bool
) -> Iterator[list[object]]:
    for site in tenant.part(sites):
        roll, owner = site.roll, ("", "")
        if site.owner is not None:
            user = tenant.usage.user(site.owner, refresh, concealed=concealed)
            owner = user.display, user.upn
        last = last_activity(site, refresh)
        recent = last is not None and (refresh - last).days < int(length)
        scale = int(length) if recent else 0
        views = roll[9] * scale // 12
        key, url = ("", "") if concealed else (site.id, site.url)
        shares = roll[10] < 110  # outside
        yield [
            refresh, key, url, owner[0], "False", last or "", site.files, site.files * scale // 700,
            views, views // 4, site.used, ALLOCATED, site.template, owner[1],
            "True" if shares else "False", roll[11] // 40 if shares else 0, roll[12] // 9,
            roll[13] // 30 if shares else 0, roll[14] // 12, length,
        ]  # fmt: skip


def _sites(tenant: Tenant, period: str, concealed: bool) -> str:
    refresh, length = refreshed(tenant), period.removeprefix("D")
    return csv_text(_HEADER, _lines(tenant, refresh, length, concealed=concealed))


REPORTS = {"getSharePointSiteUsageDetail": _sites}
