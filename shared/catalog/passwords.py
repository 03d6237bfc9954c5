"""How old the password of an account is, and what risk is seen in that."""

from sqlalchemy import ColumnElement, FromClause, case

from shared.catalog.expressions import days_before
from shared.core.report import Sources
from shared.core.report_parameters import PASSWORD_HIGH_DAYS, PASSWORD_MEDIUM_DAYS


def password_age(s: Sources, users: FromClause) -> ColumnElement[int]:
    """Return the days since the last change; null if it is unknown."""
    return days_before(s.as_of, users.c.last_password_change_at)


def password_risk(s: Sources, age: ColumnElement[int]) -> ColumnElement[str]:
    """Return the code of `labels.RISK` for an age in days; null if that is unknown."""
    high, medium = s.parameter(PASSWORD_HIGH_DAYS), s.parameter(PASSWORD_MEDIUM_DAYS)
    return case((age > high, "high"), (age > medium, "medium"), (age >= 0, "low"))
