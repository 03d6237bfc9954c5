"""The values of the digest's figures that are about people: accounts, roles, sign-ins."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, cast, func, literal_column, select

from shared.catalog.expressions import percent, type_name
from shared.catalog.sign_in_errors import INTERRUPTS
from shared.catalog.user_types import is_guest, is_member
from shared.core.report import Sources


def people(s: Sources, days: ColumnElement[int]) -> Subquery:
    """Return one row: the accounts, what kind they are, and of how many members MFA is registered."""
    users, registered = s.counted("users"), s.counted("user_registration_details")
    user, row = users.c, registered.c
    member = user.account_enabled & is_member(user.user_type)
    listed = member & row.id.is_not(None)
    new = user.created_at > s.ago(days).as_of
    return (
        select(
            _number(func.count()).label("accounts"),
            _number(func.count().filter(member)).label("enabled_members"),
            _number(func.count().filter(is_guest(user.user_type))).label("guests"),
            _number(func.count().filter(new)).label("new_accounts"),
            percent(
                func.count().filter(listed & row.is_mfa_registered), func.count().filter(listed)
            ).label("mfa_registered"),
        )
        .select_from(users.outerjoin(registered, row.id == user.id))
        .subquery()
    )


def deleted(s: Sources, days: ColumnElement[int]) -> Subquery:
    """Return one row: how many accounts were found gone in the days before, and are not back."""
    gone = s.gone("users", days)
    return select(_number(func.count()).label("deleted_accounts")).select_from(gone).subquery()


def role_holders(s: Sources) -> Subquery:
    """Return one row: how many people have an active assignment of their own."""
    row = s.entity("role_assignments").c
    holders = func.count(row.principal_id.distinct())
    only_people = holders.filter(type_name(row.principal_type) == "user")
    return select(_number(only_people).label("role_holders")).subquery()


def sign_ins(s: Sources, days: ColumnElement[int]) -> Subquery:
    """Return one row: the sign-ins of the period by their result, and the `people` who succeeded.

    The same of the period before, `<name>_before`. All are read once, out of an index; millions, so it is
    said in what is quickly worked out: people go by the hash of their id, of which two of a million are
    the same once in forty million times, and what neither succeeded nor was interrupted failed.
    """
    event = s.events("sign_ins").c
    error, first = event.error_code, s.ago(days * 2).as_of
    # A subquery is worked out once; a difference from an instant would be once a row.
    now = event.created_at > select(s.ago(days).as_of).scalar_subquery()
    kinds = {
        "success": error == 0,
        "interrupted": error.in_(INTERRUPTS),
        "told": error.is_not(None),
    }
    each = (
        select(
            *(func.count().filter(kind).label(name) for name, kind in kinds.items()),
            *(func.count().filter(kind & now).label(f"{name}_now") for name, kind in kinds.items()),
        )
        .where(event.created_at > first, event.created_at <= s.as_of)
        .group_by(func.hashtextextended(event.user_id, literal_column("0")))
        .subquery()
        .c
    )
    sums = {name: func.coalesce(func.sum(each[name]), 0) for name in each.keys()}  # noqa: SIM118
    both = {**sums, **{name: sums[name] - sums[f"{name}_now"] for name in kinds}}
    found: dict[str, ColumnElement[Any]] = {
        "people": func.count().filter(each.success_now > 0),
        "people_before": func.count().filter(each.success > each.success_now),
    }
    for period, suffix in (("_now", ""), ("", "_before")):
        succeeded, asked = both[f"success{period}"], both[f"interrupted{period}"]
        found[f"success{suffix}"], found[f"interrupted{suffix}"] = succeeded, asked
        found[f"failure{suffix}"] = both[f"told{period}"] - succeeded - asked
    return select(*(_number(value).label(name) for name, value in found.items())).subquery()


def _number(value: ColumnElement[int]) -> ColumnElement[int]:
    return cast(value, BigInteger)
