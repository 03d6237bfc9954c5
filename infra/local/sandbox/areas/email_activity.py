"""Mail of each person, a day a file: `date=` gives who did anything on that day, for 30 days.

Column names: the response section of "reportRoot: getEmailActivityUserDetail".
"""

from datetime import date, timedelta
from hashlib import blake2b

from infra.local.sandbox import downloads
from infra.local.sandbox.areas.usage_reports import concealed
from infra.local.sandbox.messages import ApiError, Reply
from infra.local.sandbox.routing import Call, Route
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import LAG, UsageReports, User, products

_REPORT = "getEmailActivityUserDetail"
_HEADER = (
    "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,"
    "Last Activity Date,Send Count,Receive Count,Read Count,Meeting Created Count,"
    "Meeting Interacted Count,Assigned Products,Report Period"
)
_KEPT = timedelta(days=30)
_IDLE = 90  # of 256: who does nothing on a working day; at weekends it is most


def _mail(
    _usage: UsageReports, user: User, day: date, length: str, _concealed: bool
) -> list[object] | None:
    draw = blake2b(user.roll + str(day).encode(), digest_size=6).digest()
    idle = 240 if day.weekday() >= 5 else _IDLE
    if not user.parts or draw[0] < idle:
        return None
    return [
        day, user.upn, user.display, user.is_deleted, user.deleted, day, draw[1] // 9,
        draw[2] // 4, draw[3] // 5, draw[4] // 80, draw[5] // 60, products(user), length,
    ]  # fmt: skip


def _written(tenant: Tenant, asked: str, concealed: bool) -> str:
    """The file of a day. Of one that is not published yet nothing but the header."""
    day, usage = date.fromisoformat(asked), tenant.usage
    if day > (tenant.clock.now() - LAG).date():
        return f"\ufeff{_HEADER}\r\n"
    return usage.written(_HEADER, _mail, day, "1", concealed=concealed)


def _day(call: Call) -> Reply:
    try:
        day = date.fromisoformat(call.args["date"])
    except ValueError as error:
        raise ApiError(400, "InvalidArgument", "The date must be YYYY-MM-DD.") from error
    today = call.tenant.clock.now().date()
    if not today - _KEPT <= day <= today:
        raise ApiError(400, "InvalidArgument", "The date must be one of the last 30 days.")
    if any(name.startswith("$") for name in call.query):
        raise ApiError(400, "BadRequest", "OData query options are not supported on this report.")
    target = downloads.url(
        call.tenant,
        call.base.rsplit("/", 1)[0],
        _REPORT,
        day.isoformat(),
        concealed=concealed(call),
        broken="broken_redirect" in call.faults,
    )
    return Reply(302, headers={"location": target, "content-type": "text/plain"})


REPORTS = {_REPORT: _written}
ROUTES = (
    Route(
        rf"/reports/{_REPORT}\(date=(?P<date>[^')]*)\)",
        _day,
        ("Reports.Read.All",),
        budget="reports",
    ),
)
