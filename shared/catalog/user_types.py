"""Whether an account is a member's or a guest's, by Graph's `userType`.

Graph tells null of accounts that are older than the property ("supports ... eq on null values") and documents
nothing that stands for it: who is of no told type is neither, in no report. The other words that one source
writes small are the same.
https://learn.microsoft.com/en-us/graph/api/resources/user
"""

from typing import Any

from sqlalchemy import ColumnElement, func


def is_member(user_type: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether the type is a member's; null where none is told."""
    return func.lower(user_type) == "member"


def is_guest(user_type: ColumnElement[Any]) -> ColumnElement[bool]:
    """Tell whether the type is a guest's; null where none is told."""
    return func.lower(user_type) == "guest"
