"""What each person did with files of OneDrive and of SharePoint.

Column names: the response sections of the v1.0 report pages.
"""

from datetime import date
from functools import partial

from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import Rows, UsageReports, User, products

_HEADER = (
    "Report Refresh Date,User Principal Name,Is Deleted,Deleted Date,Last Activity Date,"
    "Viewed Or Edited File Count,Synced File Count,Shared Internally File Count,"
    "Shared Externally File Count,{pages}Assigned Products,Report Period"
)
# Which byte of a user's chance says what; the dates are those of the report of active users.
_ONEDRIVE_LAST, _SHAREPOINT_LAST = 1, 2


def _counts(
    usage: UsageReports, user: User, refresh: date, period: str, salt: int
) -> tuple[str, list[int]]:
    """The last activity, and what was done in the period: nothing if that was before it."""
    last, days = usage.last(user, refresh, salt), int(period)
    recent = last != "" and (refresh - date.fromisoformat(last)).days < days
    roll, scale = user.roll, days if recent else 0
    viewed, synced = 1 + roll[20 + salt] * scale // 90, roll[22 + salt] * scale // 70
    inside = roll[24 + salt] * scale // 900
    outside = max(0, roll[26 + salt] - 180) * scale // 600  # three in ten share outside
    return last, [viewed if recent else 0, synced, inside, outside]


def _onedrive(
    usage: UsageReports, user: User, refresh: date, period: str, _concealed: bool
) -> list[object] | None:
    if not user.has_office:
        return None
    last, counts = _counts(usage, user, refresh, period, _ONEDRIVE_LAST)
    return [
        refresh, user.upn, user.is_deleted, user.deleted, last, *counts, products(user), period,
    ]  # fmt: skip


def _sharepoint(
    usage: UsageReports, user: User, refresh: date, period: str, _concealed: bool
) -> list[object] | None:
    if not user.has_office:
        return None
    last, counts = _counts(usage, user, refresh, period, _SHAREPOINT_LAST)
    pages = counts[0] // 3
    return [
        refresh, user.upn, user.is_deleted, user.deleted, last, *counts, pages, products(user),
        period,
    ]  # fmt: skip


def _report(header: str, rows: Rows, tenant: Tenant, period: str, concealed: bool) -> str:
    return tenant.usage.of_period(header, rows, period, tenant.clock.now(), concealed=concealed)


REPORTS = {
    "getOneDriveActivityUserDetail": partial(_report, _HEADER.format(pages=""), _onedrive),
    "getSharePointActivityUserDetail": partial(
        _report, _HEADER.format(pages="Visited Page Count,"), _sharepoint
    ),
}
