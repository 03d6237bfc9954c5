"""Usage reports: the rows of the CSV files that `reports/get...` redirect to.

Column names: the response sections of the v1.0 report pages.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b
from typing import NamedTuple

from infra.local.sandbox.tenant.collection import Collection
from infra.local.sandbox.tenant.licences import PRODUCTS
from infra.local.sandbox.tenant.people import Kind, People

LAG = timedelta(days=2)  # usage reports trail by about 48 hours
GIB = 1 << 30

MAILBOX = (
    "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date,Created Date,"
    "Last Activity Date,Item Count,Storage Used (Byte),Issue Warning Quota (Byte),"
    "Prohibit Send Quota (Byte),Prohibit Send/Receive Quota (Byte),Deleted Item Count,"
    "Deleted Item Size (Byte),Deleted Item Quota (Byte),Has Archive,Recipient Type,Report Period"
)
ONEDRIVE = (
    "Report Refresh Date,Site Id,Site URL,Owner Display Name,Is Deleted,Last Activity Date,"
    "File Count,Active File Count,Storage Used (Byte),Storage Allocated (Byte),"
    "Owner Principal Name,Report Period"
)
TEAMS = (
    "Report Refresh Date,Tenant Display Name,Shared Channel Tenant Display Names,User Id,"
    "User Principal Name,Last Activity Date,Is Deleted,Deleted Date,Assigned Products,"
    "Team Chat Message Count,Private Chat Message Count,Call Count,Meeting Count,Post Messages,"
    "Reply Messages,Urgent Messages,Meetings Organized Count,Meetings Attended Count,"
    "Ad Hoc Meetings Organized Count,Ad Hoc Meetings Attended Count,"
    "Scheduled One-time Meetings Organized Count,Scheduled One-time Meetings Attended Count,"
    "Scheduled Recurring Meetings Organized Count,Scheduled Recurring Meetings Attended Count,"
    "Audio Duration,Video Duration,Screen Share Duration,Audio Duration In Seconds,"
    "Video Duration In Seconds,Screen Share Duration In Seconds,Has Other Action,Is Licensed,"
    "Report Period"
)
_SERVICES = ("Exchange", "OneDrive", "SharePoint", "Skype For Business", "Yammer", "Teams")
ACTIVE_USERS = ",".join(
    [
        "Report Refresh Date,User Principal Name,Display Name,Is Deleted,Deleted Date",
        *(f"Has {name} License" for name in _SERVICES),
        *(f"{name} Last Activity Date" for name in _SERVICES),
        *(f"{name} License Assign Date" for name in _SERVICES),
        "Assigned Products",
    ]
)
FRIENDLY = {
    "SPE_E3": "MICROSOFT 365 E3",
    "SPE_E5": "MICROSOFT 365 E5",
    "ENTERPRISEPACK": "OFFICE 365 E3",
    "O365_BUSINESS_PREMIUM": "MICROSOFT 365 BUSINESS STANDARD",
    "EXCHANGESTANDARD": "EXCHANGE ONLINE (PLAN 1)",
    "AAD_PREMIUM_P2": "MICROSOFT ENTRA ID P2",
    "POWER_BI_STANDARD": "POWER BI (FREE)",
    "FLOW_FREE": "MICROSOFT POWER AUTOMATE FREE",
}


def _cell(value: object) -> str:
    text = str(value)
    quoted = "," in text or '"' in text or "\n" in text
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if quoted else text


class User(NamedTuple):
    """Whom a row is about; `is_deleted` and `deleted` as the file shows them."""

    number: int
    roll: bytes
    kind: Kind
    parts: tuple[str, ...]
    upn: str
    display: str
    is_deleted: str
    deleted: str

    @property
    def has_office(self) -> bool:
        """Licensed for OneDrive and Teams."""
        return self.parts not in ((), ("EXCHANGESTANDARD",))  # nothing, or mail alone


def hidden(name: str) -> str:
    """What stands in the place of a name that is concealed."""
    return blake2b(name.encode(), digest_size=16).hexdigest().upper()


class UsageReports:
    """Writes the report files of a tenant; figures depend on the seed and on the refresh date.

    They tell of the seeded users, those who left included, by the names they had on that date.
    """

    def __init__(self, people: People, users: Collection, organisation: str) -> None:
        self._people = people
        self._users = users
        self._organisation = organisation

    def text(self, report: str, period: str, now: datetime, *, concealed: bool) -> str:
        """The CSV file, BOM and header included; lines end in CRLF.

        `period` is `D7`, `D30`, `D90` or `D180`; with `concealed` names become hexadecimal hashes.
        """
        header, rows = OF_PEOPLE[report]
        return self.of_period(header, rows, period, now, concealed=concealed)

    def of_period(
        self, header: str, rows: "Rows", period: str, now: datetime, *, concealed: bool
    ) -> str:
        """The same of a report that is described elsewhere."""
        refresh, length = (now - LAG).date(), period.removeprefix("D")
        return self.written(header, rows, refresh, length, concealed=concealed)

    def written(
        self, header: str, rows: "Rows", refresh: date, length: str, *, concealed: bool
    ) -> str:
        """A file with a line for each of the people of whom `rows` has one, as of a date."""
        told = (
            rows(self, user, refresh, length, concealed)
            for user in self.users(refresh, concealed=concealed)
        )
        return csv_text(header, (line for line in told if line is not None))

    def users(self, day: date, *, concealed: bool) -> Iterator[User]:
        """Yield all seeded users as they were called at the end of a day."""
        sequence = self._at_end_of(day)
        for index in range(self._people.count):
            yield self._user(index, sequence, concealed=concealed)

    def user(self, index: int, day: date, *, concealed: bool) -> User:
        """Return one of them."""
        return self._user(index, self._at_end_of(day), concealed=concealed)

    def _at_end_of(self, day: date) -> int:
        midnight = datetime.combine(day + timedelta(days=1), time(), UTC)
        return self._users.timeline.at(midnight, wall=False)

    def _user(self, index: int, sequence: int, *, concealed: bool) -> User:
        roll, key = self._people.roll(index), self._people.guid(index)
        kind = self._people.kind(index, roll)
        names, deleted = self._people.names(index, roll, kind), ""
        turned = self._users.last_change(key, sequence)
        if turned:
            state = self._users.state(key, sequence)
            if state is None:
                deleted = str(self._users.timeline.instant(turned).date())
            else:
                names = state["userPrincipalName"], state["displayName"]
        if concealed:
            names = hidden(names[0]), hidden(names[1])
        parts = self._people.parts(index, roll)
        return User(index, roll, kind, parts, *names, str(bool(deleted)), deleted)

    @staticmethod
    def last(user: User, refresh: date, salt: int) -> str:
        """A last activity date, empty for one account in eight."""
        draw = user.roll[salt % 36]
        if draw < 32 or user.kind is Kind.DISABLED:
            return ""
        return str(refresh - timedelta(days=draw % 9 if draw < 220 else draw % 170))

    def _mailbox(
        self, user: User, refresh: date, period: str, _concealed: bool
    ) -> list[object] | None:
        if not user.parts and user.kind is not Kind.SHARED:
            return None
        roll = user.roll
        quota = (100 if "SPE_E5" in user.parts else 50) * GIB
        share = min(99, roll[32] * roll[33] // 700 + (90 if roll[34] < 5 else 0))
        used = quota * share // 100 + int.from_bytes(roll[32:35])
        return [
            refresh, user.upn, user.display, user.is_deleted, user.deleted,
            refresh - timedelta(days=30 + roll[7] * 5), self.last(user, refresh, 3),
            used // 81_000, used, quota * 98 // 100, quota * 99 // 100, quota, roll[35] * 9,
            used // 40, 30 * GIB, "True" if roll[34] > 200 else "False",
            # On no page, and in the files: the column is new.
            "SharedMailbox" if user.kind is Kind.SHARED else "UserMailbox", period,
        ]  # fmt: skip

    def _onedrive(
        self, user: User, refresh: date, period: str, concealed: bool
    ) -> list[object] | None:
        if not user.has_office:
            return None
        roll = user.roll
        site = ("", "")
        if not concealed:
            host = f"{self._people.initial_domain.split('.')[0]}-my.sharepoint.com"
            personal = user.upn.replace("@", "_").replace(".", "_")
            tail = self._people.guid(user.number)[::-1][:8]
            site = f"{tail}-0000-4000-8000-000000000000", f"https://{host}/personal/{personal}"
        allocated = (5 if roll[33] < 20 else 1) * 1024 * GIB
        used = allocated * (roll[35] * roll[34] // 700) // 100 + roll[32]
        files = roll[35] * 17 + roll[34]
        return [
            refresh, *site, user.display, user.is_deleted, self.last(user, refresh, 5), files,
            files // 19, used, allocated, user.upn, period,
        ]  # fmt: skip

    def _teams(
        self, user: User, refresh: date, period: str, concealed: bool
    ) -> list[object] | None:
        if not user.has_office:
            return None
        roll = user.roll
        last = self.last(user, refresh, 8)
        scale = int(period) if last else 0
        chat, private, calls, meetings = (roll[n] * scale // 60 for n in (9, 10, 11, 12))
        return self.teams_line(
            user, refresh, last, period, concealed=concealed, posts=chat // 3,
            replies=chat - chat // 3, private=private, calls=calls, meetings=meetings,
            other=roll[13] < 90,
        )  # fmt: skip

    def teams_line(
        self, user: User, refresh: date, last: object, period: str, *, concealed: bool,
        posts: int, replies: int, private: int, calls: int, meetings: int, other: bool,
    ) -> list[object]:  # fmt: skip
        """Return a line of Teams; its messages to teams are posts and replies."""
        key = "" if concealed else self._people.guid(user.number)
        organised, seconds = meetings // 5, meetings * 1_800 + calls * 240
        spoken = [
            f"PT{part // 3600}H{part % 3600 // 60}M{part % 60}S"
            for part in (seconds, seconds // 3, seconds // 7)
        ]
        return [
            refresh, self._organisation, "", key, user.upn, last, user.is_deleted, user.deleted,
            products(user), posts + replies, private, calls, meetings, posts, replies, 0,
            organised, meetings - organised, organised // 2, meetings // 6,
            organised - organised // 2, meetings // 3, 0, meetings // 4, *spoken, seconds,
            seconds // 3, seconds // 7, "Yes" if other else "No", "Yes", period,
        ]  # fmt: skip

    def _active(
        self, user: User, refresh: date, _period: str, _concealed: bool
    ) -> list[object] | None:
        plans = {plan for part in user.parts for plan in PRODUCTS[part][1]}
        held = [
            any(plan.startswith(prefix) for plan in plans)
            for prefix in ("EXCHANGE", "SHAREPOINT", "SHAREPOINT", "MCO", "YAMMER", "TEAMS")
        ]
        since = refresh - timedelta(days=400)
        return [
            refresh, user.upn, user.display, user.is_deleted, user.deleted, *held,
            *(self.last(user, refresh, n) if has else "" for n, has in enumerate(held)),
            *(since if has else "" for has in held), products(user),
        ]  # fmt: skip


def csv_text(header: str, lines: Iterable[Iterable[object]]) -> str:
    """A file as Microsoft writes it: byte order mark, CRLF, quotes where they must be."""
    written = (",".join(map(_cell, line)) for line in lines)
    return "\ufeff" + "\r\n".join((header, *written)) + "\r\n"


def products(user: User) -> str:
    return "+".join(FRIENDLY[part] for part in user.parts)


type Rows = Callable[[UsageReports, User, date, str, bool], list[object] | None]
OF_PEOPLE: dict[str, tuple[str, Rows]] = {
    "getMailboxUsageDetail": (MAILBOX, UsageReports._mailbox),
    "getOneDriveUsageAccountDetail": (ONEDRIVE, UsageReports._onedrive),
    "getTeamsUserActivityUserDetail": (TEAMS, UsageReports._teams),
    "getOffice365ActiveUserDetail": (ACTIVE_USERS, UsageReports._active),
}
