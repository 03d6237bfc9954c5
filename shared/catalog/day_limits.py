"""Where the days end of which several datasets tell."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, case, cast, func


def latest(*days: ColumnElement[date]) -> ColumnElement[Any]:
    """Return the latest of them, null if any is unknown."""
    return case((func.num_nulls(*days) == 0, func.greatest(*days)))


def earliest(*days: ColumnElement[date]) -> ColumnElement[Any]:
    """Return the earliest of them, null if any is unknown."""
    return case((func.num_nulls(*days) == 0, func.least(*days)))


def midnight(day: ColumnElement[Any]) -> ColumnElement[datetime]:
    """Return when a day began (UTC)."""
    return func.timezone("UTC", cast(day, DateTime()), type_=DateTime(timezone=True))
