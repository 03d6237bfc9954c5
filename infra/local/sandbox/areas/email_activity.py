"""Mail of each person, a day a file.

Column names: the response section of "reportRoot: getEmailActivityUserDetail".
"""

from datetime import date
from hashlib import blake2b

from infra.local.sandbox.tenant.daily_use import refreshed
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import UsageReports, User, csv_text, products

_REPORT = "getEmailActivityUserDetail"
_HEADER = (
    "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,"
    "Last Activity Date,Send Count,Receive Count,Read Count,Meeting Created Count,"
    "Meeting Interacted Count,Assigned Products,Report Period"
)
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
    if day > refreshed(tenant):
        return csv_text(_HEADER, ())
    return usage.written(_HEADER, _mail, day, "1", concealed=concealed)


DAYS = {_REPORT: _written}
