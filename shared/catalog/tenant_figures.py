"""Figures of a whole tenant, one value each, for reports that show them beside something else."""

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select
from sqlalchemy.sql.selectable import ScalarSelect

from shared.catalog.expressions import counted, percent
from shared.catalog.user_types import is_member
from shared.core.report import Sources


def mfa_rate(s: Sources) -> ScalarSelect[float]:
    """Return the share of the enabled members that Microsoft's list of registrations has."""
    row, user = s.counted("user_registration_details"), s.counted("users")
    people = row.join(user, user.c.id == row.c.id)
    member = user.c.account_enabled & is_member(user.c.user_type)
    rate = percent(func.count().filter(row.c.is_mfa_registered), func.count())
    return select(rate).select_from(people).where(member).scalar_subquery()


def new_users(s: Sources, days: ColumnElement[int]) -> ScalarSelect[int]:
    """Return how many users are not older; null where none is known: nobody has read them yet."""
    users = s.counted("users")
    count = func.count().filter(users.c.created_at > s.ago(days).as_of)
    known = cast(case((func.count() > 0, count)), BigInteger)
    return select(known).select_from(users).scalar_subquery()


def licence_use(s: Sources) -> ScalarSelect[float]:
    """Return the share that is used of the licences whose numbers are both known.

    One alone would shift the rate.
    """
    sku = s.entity("subscribed_skus").c
    used, enabled = counted(sku.consumed_units), counted(sku.enabled_units)
    rate = percent(func.sum(used), func.sum(enabled))
    known = used.is_not(None) & enabled.is_not(None)
    is_enabled = func.lower(sku.capability_status) == "enabled"
    return select(rate).where(is_enabled & known).scalar_subquery()
