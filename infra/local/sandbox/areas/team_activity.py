"""What was done in each team.

Column names: the response section of "reportRoot: getTeamsTeamActivityDetail", in the letter case of its
example: the list beside it has another one.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from infra.local.sandbox.tenant.daily_use import refreshed
from infra.local.sandbox.tenant.dice import Dice
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.tenant.usage import csv_text, hidden

_HEADER = (
    "Report Refresh Date,Team Name,Team Id,Team Type,Last Activity Date,Report Period,Active Users,"
    "Active Channels,Guests,Reactions,Meetings Organized,Post Messages,Reply Messages,"
    "Channel Messages,Urgent Messages,Mentions,Active Shared Channels,Active External Users"
)


def _lines(
    tenant: Tenant, refresh: date, length: str, *, concealed: bool
) -> Iterator[list[object]]:
    groups, dice = tenant.groups_made, Dice(tenant.seed, "team activity")
    for index in range(groups.teams):
        team = groups.make(index)
        if team["resourceProvisioningOptions"] != ["Team"]:
            continue
        roll = dice.roll(index)
        quiet = roll[0] < 43  # one in six for longer than any period
        last = "" if quiet else str(refresh - timedelta(days=roll[1] % 7))
        scale = 0 if quiet else int(length)
        posts, people = roll[2] * scale // 40, 0 if quiet else 1 + roll[3] % 16
        guests = roll[4] % 5 if roll[5] < 80 else 0
        replies = posts * 2
        name, key = team["displayName"], team["id"]
        yield [
            refresh, hidden(name) if concealed else name, "" if concealed else key,
            team["visibility"], last, length, people, 0 if quiet else 1 + roll[6] % 4, guests,
            posts // 2, roll[7] * scale // 200, posts, replies, posts + replies, posts // 30,
            posts // 5, int(roll[8] < 20 and not quiet), min(guests, people) if not quiet else 0,
        ]  # fmt: skip


def _teams(tenant: Tenant, period: str, concealed: bool) -> str:
    refresh, length = refreshed(tenant), period.removeprefix("D")
    return csv_text(_HEADER, _lines(tenant, refresh, length, concealed=concealed))


REPORTS = {"getTeamsTeamActivityDetail": _teams}
