"""Microsoft 365 Apps: which app on which platform each person used, and where it is activated.

Column names: the response sections of "reportRoot: getM365AppUserDetail" and "reportRoot:
getOffice365ActivationsUserDetail"; products and cells of the latter as files in issues show them.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import blake2b
from itertools import product

from infra.local.sandbox.tenant.daily_use import refreshed
from infra.local.sandbox.tenant.licences import PRODUCTS
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import UsageReports, User, csv_text

_PLATFORMS = ("Windows", "Mac", "Mobile", "Web")
_APPS = ("Outlook", "Word", "Excel", "PowerPoint", "OneNote", "Teams")
_USAGE = ",".join(
    (
        "Report Refresh Date,User Principal Name,Last Activation Date,Last Activity Date,Report Period",
        *_PLATFORMS,
        *_APPS,
        *(f"{app} ({platform})" for platform, app in product(_PLATFORMS, _APPS)),
    )
)
# Of 256, who uses an app on a platform at all.
_OFTEN = {"Windows": 150, "Mac": 20, "Mobile": 90, "Web": 70}
_ACTIVATIONS = (
    "Report Refresh Date,User Principal Name,Display Name,Product Type,Last Activated Date,Windows,"
    "Mac,Windows 10 Mobile,iOS,Android,Activated On Shared Computer"
)
# Product, and of 256 who activated it.
_PRODUCTS = (
    ("MICROSOFT 365 APPS FOR ENTERPRISE", 230),
    ("VISIO CLIENT APPS", 18),
    ("PROJECT CLIENT APPS", 9),
)
_LAST = 6


def _has_apps(user: User) -> bool:
    return any("OFFICESUBSCRIPTION" in PRODUCTS[part][1] for part in user.parts)


def _used(
    usage: UsageReports, user: User, refresh: date, period: str, _concealed: bool
) -> list[object] | None:
    if not _has_apps(user):
        return None
    last = usage.last(user, refresh, _LAST)
    recent = last != "" and (refresh - date.fromisoformat(last)).days < int(period)
    draw = blake2b(user.roll, digest_size=24, person=b"apps").digest()
    cells = {
        (platform, app): recent and draw[n] < _OFTEN[platform]
        for n, (platform, app) in enumerate(product(_PLATFORMS, _APPS))
    }
    # Whoever was there used something.
    cells["Windows", "Outlook"] |= recent and not any(cells.values())
    platforms = [any(cells[each, app] for app in _APPS) for each in _PLATFORMS]
    apps = [any(cells[platform, each] for platform in _PLATFORMS) for each in _APPS]
    activated = "" if user.roll[36] < 26 else str(refresh - timedelta(days=3 + user.roll[37] * 4))
    flags = ("Yes" if used else "No" for used in (*platforms, *apps, *cells.values()))
    return [refresh, user.upn, activated, last, period, *flags]


def _usage(tenant: Tenant, period: str, concealed: bool) -> str:
    return tenant.usage.of_period(_USAGE, _used, period, tenant.clock.now(), concealed=concealed)


def _activated(tenant: Tenant, refresh: date, *, concealed: bool) -> Iterator[list[object]]:
    for user in tenant.usage.users(refresh, concealed=concealed):
        if not _has_apps(user):
            continue
        for number, (name, often) in enumerate(_PRODUCTS):
            draw = blake2b(user.roll, digest_size=8, person=b"activated", salt=bytes([number]))
            roll = draw.digest()
            if roll[0] >= often:
                continue
            yield [
                refresh, user.upn, user.display, name, refresh - timedelta(days=3 + roll[1] * 4),
                1 + roll[2] // 120, int(roll[3] < 24), 0, int(roll[4] < 60), int(roll[5] < 40),
                roll[6] < 12,
            ]  # fmt: skip


def _activations(tenant: Tenant, _asked: str, concealed: bool) -> str:
    lines = _activated(tenant, refreshed(tenant), concealed=concealed)
    return csv_text(_ACTIVATIONS, lines)


REPORTS = {"getM365AppUserDetail": _usage}
PRESENT = {"getOffice365ActivationsUserDetail": _activations}
