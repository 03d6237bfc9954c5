"""Usage reports without people: what was done in mail, Teams and files, a line a day.

Column names: the response sections of the v1.0 report pages. Durations: ISO 8601.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import partial

from infra.local.sandbox.tenant.daily_use import Line, active, chance, series
from infra.local.sandbox.tenant.model import Tenant

_EMAIL = (
    "Report Refresh Date,Send,Receive,Read,Meeting Created,Meeting Interacted,Report Date,Report Period"
)  # fmt: skip
_TEAMS = (
    "Report Refresh Date,Report Date,Team Chat Messages,Post Messages,Reply Messages,"
    "Private Chat Messages,Calls,Meetings,Audio Duration,Video Duration,Screen Share Duration,"
    "Meetings Organized,Meetings Attended,Report Period"
)
_FILES = (
    "Report Refresh Date,Viewed Or Edited,Synced,Shared Internally,Shared Externally,Report Date,"
    "Report Period"
)
# How often one who is active does a thing on a day.
_MAIL_EACH = {
    "Send": 14.0, "Receive": 32.0, "Read": 25.0, "Meeting Created": 1.1, "Meeting Interacted": 2.0,
}  # fmt: skip
_TEAMS_EACH = {"Post Messages": 1.4, "Private Chat Messages": 11.0, "Calls": 0.7, "Meetings": 2.6}
_DRIVE_EACH = {
    "Viewed Or Edited": 7.5, "Synced": 12.0, "Shared Internally": 0.6, "Shared Externally": 0.08,
}  # fmt: skip
_SITE_EACH = {
    "Viewed Or Edited": 5.0, "Synced": 3.0, "Shared Internally": 0.4, "Shared Externally": 0.05,
}  # fmt: skip
_NOISE = 0.3


def _done(tenant: Tenant, service: str, each: Mapping[str, float], day: date) -> dict[str, int]:
    people = active(tenant, day)[service]
    return {
        thing: round(people * often * (1 + _NOISE * chance(tenant, f"{service} {thing}", day)))
        for thing, often in each.items()
    }


def _of(
    service: str, each: Mapping[str, float], tenant: Tenant, day: date
) -> Iterator[Mapping[str, object]]:
    yield _done(tenant, service, each, day)


def _teams(tenant: Tenant, day: date) -> Iterator[Line]:
    done = _done(tenant, "Teams", _TEAMS_EACH, day)
    posts, calls, meetings = (done[name] for name in ("Post Messages", "Calls", "Meetings"))
    replies = posts * 2 + posts // 3
    minutes = meetings * 34 + calls * 6
    yield {
        **done,
        # Both kinds of messages are in it.
        "Team Chat Messages": posts + replies,
        "Reply Messages": replies,
        "Audio Duration": _duration(minutes),
        "Video Duration": _duration(minutes // 3),
        "Screen Share Duration": _duration(minutes // 7),
        "Meetings Organized": meetings // 5,
        "Meetings Attended": meetings - meetings // 5,
    }


def _duration(minutes: int) -> str:
    days, rest = divmod(minutes, 1440)
    return f"P{days}DT{rest // 60}H{rest % 60}M0S"


def _report(
    header: str, told: Callable[[Tenant, date], Iterator[Line]]
) -> Callable[[Tenant, str, bool], str]:
    return lambda tenant, period, _concealed: series(tenant, period, header, told)


REPORTS = {
    "getEmailActivityCounts": _report(_EMAIL, partial(_of, "Exchange", _MAIL_EACH)),
    "getTeamsUserActivityCounts": _report(_TEAMS, _teams),
    "getOneDriveActivityFileCounts": _report(_FILES, partial(_of, "OneDrive", _DRIVE_EACH)),
    "getSharePointActivityFileCounts": _report(_FILES, partial(_of, "SharePoint", _SITE_EACH)),
}
