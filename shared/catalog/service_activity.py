"""What was done in each service on the last days, from Microsoft's counts of each day.

- Exchange: messages sent, received and read. Teams: messages to teams (posts and replies are in them)
  and in chats, calls, meetings. OneDrive and SharePoint: files viewed or edited, synced, shared.
- Microsoft leaves out a day now and then: one may be missing. Of a period of which more is unknown
  no number is told.
- The whole is the sum of what is known of the services.
"""

from functools import reduce
from operator import add

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Subquery,
    case,
    cast,
    func,
    select,
)

from shared.catalog.expressions import known_sum
from shared.catalog.service_use import beside
from shared.core.report import Sources
from shared.core.text import Text

_FILES = ("viewed_or_edited", "synced", "shared_internally", "shared_externally")
_COUNTS = {
    "exchange": ("email_activity_counts", ("send", "receive", "read")),
    "onedrive": ("onedrive_activity_counts", _FILES),
    "sharepoint": ("sharepoint_activity_counts", _FILES),
    "teams": (
        "teams_activity_counts",
        ("team_chat_messages", "private_chat_messages", "calls", "meetings"),
    ),
}
_SHARES = ("onedrive", "sharepoint")

NO_ACTIVITIES = {
    dataset: Text(
        f"The activities of {name} are missing, also from the whole.",
        f"{name} のアクティビティ数が不足しており、全体にも含まれません。",
    )
    for dataset, name in (
        ("email_activity_counts", "Exchange"),
        ("onedrive_activity_counts", "OneDrive"),
        ("sharepoint_activity_counts", "SharePoint"),
        ("teams_activity_counts", "Teams"),
    )
}


def activities(s: Sources, days: ColumnElement[int]) -> Subquery:
    """Return one row with a number of the last `days` for each service and the whole, `m365`."""
    return _summed({name: _of_days(s, days, *counts) for name, counts in _COUNTS.items()})


def external_shares(s: Sources, days: ColumnElement[int]) -> Subquery:
    """Return the same of files that were shared outside; only files are."""
    told = {name: (_COUNTS[name][0], ("shared_externally",)) for name in _SHARES}
    return _summed({name: _of_days(s, days, *counts) for name, counts in told.items()})


def _of_days(
    s: Sources, days: ColumnElement[int], dataset: str, names: tuple[str, ...]
) -> Subquery:
    row = s.series(dataset, days)
    of_a_day = reduce(add, (row.c[name] for name in names))
    # Of how many days it is known, of the one with the oldest to the newest date.
    known = func.count(of_a_day) >= func.greatest(days - 1, 1)
    total = cast(case((known, func.sum(of_a_day))), BigInteger)
    return select(total.label("total")).select_from(row).subquery()


def _summed(services: dict[str, Subquery]) -> Subquery:
    totals = {name: one.c.total for name, one in services.items()}
    columns = [total.label(name) for name, total in totals.items()]
    whole = known_sum(*totals.values()).label("m365")
    return select(*columns, whole).select_from(beside(*services.values())).subquery()
