"""Who is in a report on registered methods: every account, and who is registered without one."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, false, select

from shared.core.report import Sources


class RegisteredPeople(NamedTuple):
    """The rows of `source` that meet `where`; `who` is the table that knows their names and ids."""

    source: FromClause
    who: FromClause
    registration: FromClause
    users: FromClause
    where: ColumnElement[bool] | None = None


def accounts(s: Sources) -> RegisteredPeople:
    """Return every account, with its registration where Microsoft's list has it."""
    row, user = s.entity("user_registration_details"), s.entity("users")
    return RegisteredPeople(user.outerjoin(row, row.c.id == user.c.id), user, row, user)


def without_account(s: Sources) -> RegisteredPeople:
    """Return who is in Microsoft's list but is no account (any more)."""
    row, user = s.entity("user_registration_details"), s.entity("users")
    # OFFSET keeps it a probe per row: as a join the planner would compare all with all for a page.
    account = s.entity("users")
    has_account = select(account.c.id).where(account.c.id == row.c.id).offset(0).exists()
    return RegisteredPeople(row.outerjoin(user, false()), row, row, user, ~has_account)
