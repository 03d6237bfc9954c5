"""What each person did in Teams, a day a file.

Column names: the response section of "reportRoot: getTeamsUserActivityUserDetail".
"""

from datetime import date
from hashlib import blake2b

from infra.local.sandbox.tenant.daily_use import refreshed
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import TEAMS, UsageReports, User, csv_text

_REPORT = "getTeamsUserActivityUserDetail"
_IDLE = 110  # of 256: who does nothing on a working day; at weekends it is most


def _teams(
    usage: UsageReports, user: User, day: date, length: str, concealed: bool
) -> list[object] | None:
    draw = blake2b(user.roll + str(day).encode(), digest_size=8, person=b"teams").digest()
    idle = 245 if day.weekday() >= 5 else _IDLE
    if not user.has_office or draw[0] < idle:
        return None
    # Some only looked in: they did something else than what is counted.
    scale = 0 if draw[7] < 20 else 1
    posts, replies, private, calls, meetings = (
        scale * part for part in (draw[1] // 90, draw[2] // 60, draw[3] // 8, draw[4] // 70, draw[5] // 45)
    )  # fmt: skip
    return usage.teams_line(
        user, day, day, length, concealed=concealed, posts=posts, replies=replies, private=private,
        calls=calls, meetings=meetings, other=not scale or draw[6] < 90,
    )  # fmt: skip


def _written(tenant: Tenant, asked: str, concealed: bool) -> str:
    """The file of a day. Of one that is not published yet nothing but the header."""
    day = date.fromisoformat(asked)
    if day > refreshed(tenant):
        return csv_text(TEAMS, ())
    return tenant.usage.written(TEAMS, _teams, day, "1", concealed=concealed)


DAYS = {_REPORT: _written}
