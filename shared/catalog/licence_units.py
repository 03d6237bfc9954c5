"""What still gives licences: units and subscriptions by their state at Microsoft, and how far they are used."""

from sqlalchemy import Boolean, ColumnElement, Subquery, Text, case, func, literal, select

from shared.catalog.expressions import at_least, counted
from shared.core.report import Sources
from shared.core.report_parameters import (
    LICENCE_FULL_PERCENT,
    LICENCE_HIGH_PERCENT,
    LICENCE_MEDIUM_PERCENT,
)

# What a subscription in one of these states had sold can no longer be assigned; any other state,
# the grace period (Warning) and one that Microsoft adds tomorrow included, may still give licences.
# https://learn.microsoft.com/en-us/graph/api/resources/subscribedsku
_ENDED = ("suspended", "deleted", "lockedout")


def subscriptions_by_sku(sources: Sources) -> Subquery:
    """Return per `sku_id`: `states`, whether all are trials (`is_trial`), and `expires_at`: when
    the next of its subscriptions that still give licences renews or ends.
    """
    subscription = sources.entity("subscriptions").c
    gives = subscription.status.is_(None) | func.lower(subscription.status).not_in(_ENDED)
    ends = subscription.next_lifecycle_at
    upcoming = func.min(ends).filter(gives, ends >= sources.as_of)
    return (
        select(
            subscription.sku_id,
            # A date gone by is shown only where no other is left: Microsoft is late with the next.
            func.coalesce(upcoming, func.max(ends).filter(gives)).label("expires_at"),
            func.bool_and(subscription.is_trial, type_=Boolean).filter(gives).label("is_trial"),
            func.string_agg(subscription.status.distinct(), ", ", type_=Text).label("states"),
        )
        .group_by(subscription.sku_id)
        .subquery()
    )


def usable_units(enabled: ColumnElement[int], warning: ColumnElement[int]) -> ColumnElement[int]:
    """Return the units that can be assigned: enabled, and expired ones in their grace period (warning).

    https://learn.microsoft.com/en-us/graph/api/resources/licenseunitsdetail. A negative number is
    none; null if neither is known.
    """
    units = counted(enabled), counted(warning)
    return case(
        (
            func.coalesce(*units).is_not(None),
            sum((func.coalesce(one, 0) for one in units), literal(0)),
        )
    )


def level_of_use(s: Sources, usage: ColumnElement[float]) -> ColumnElement[str]:
    """Return the code of `labels.LICENCE_USE`."""
    full, high = s.parameter(LICENCE_FULL_PERCENT), s.parameter(LICENCE_HIGH_PERCENT)
    medium = s.parameter(LICENCE_MEDIUM_PERCENT)
    return at_least(usage, full=full, high=high, medium=medium, low=0)
