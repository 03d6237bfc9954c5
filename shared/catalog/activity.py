"""When an account was last used, and what is said about one that was not.

Only a successful sign-in is use: `lastSignInDateTime` and `lastNonInteractiveSignInDateTime` record
attempts, an attacker's included.
https://learn.microsoft.com/en-us/graph/api/resources/signinactivity

- `lastSuccessfulSignInDateTime` decides wherever it is set, whatever the attempts say.
- It has been recorded since December 2023 and is not backfilled. An attempt from before then stands
  in for it where it is missing; a later attempt without it was none that succeeded.
- Microsoft answered for the account and neither is there: `never_used`. Its days count from its
  creation, so that a filter by days finds it too.
- Microsoft did not answer for the account (no licence, no permission, not collected yet, created
  after the last read): nothing is known, and nothing is said.
- An account of up to `newAccountDays` (30) has had no time to be idle: `normal`.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal_column

from shared.catalog.expressions import days_before, freshness
from shared.catalog.labels import FRESHNESS
from shared.core.report import Sources
from shared.core.report_parameters import NEW_ACCOUNT_DAYS
from shared.core.text import Text

ACTIVITY: Mapping[str, Text] = {
    **FRESHNESS,
    "stale": Text("Not used for long", "長期未使用"),
    "never_used": Text("No sign-in on record", "サインインの記録なし"),
}

_SUCCESSES_RECORDED: ColumnElement[datetime] = literal_column("TIMESTAMPTZ '2023-12-01 00:00:00Z'")


def last_use(activity: FromClause) -> ColumnElement[datetime]:
    """Return when the account of a row of `sign_in_activity` last signed in successfully."""
    row = activity.c
    attempts = (row.last_sign_in_at, row.last_non_interactive_sign_in_at)
    before = (case((at < _SUCCESSES_RECORDED, at)) for at in attempts)
    return func.coalesce(row.last_successful_sign_in_at, func.greatest(*before))


def unused_days(
    as_of: ColumnElement[datetime], activity: FromClause, created: ColumnElement[datetime]
) -> ColumnElement[int]:
    """Return the days since `last_use`, since creation if there was none; null if unknown."""
    answered = case((activity.c.id.is_not(None), created))
    return days_before(as_of, func.coalesce(last_use(activity), answered))


def activity_status(
    s: Sources, activity: FromClause, created: ColumnElement[datetime]
) -> ColumnElement[str]:
    """Return the code of `ACTIVITY`; null if nothing is known."""
    used = last_use(activity)
    never = and_(activity.c.id.is_not(None), used.is_(None))
    return case(
        (days_before(s.as_of, created) <= s.parameter(NEW_ACCOUNT_DAYS), "normal"),
        (never, "never_used"),
        else_=freshness(s, days_before(s.as_of, used)),
    )
