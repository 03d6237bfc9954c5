"""What rules of inboxes do with a message: send it on to addresses outside, delete it, whichever it is."""

from sqlalchemy import BigInteger, Boolean, ColumnElement, FromClause, cast, func, select
from sqlalchemy import Text as TextType

from shared.catalog.expressions import has, items
from shared.catalog.mail import Domains, is_own

_SENT_ON = ("forwardTo", "redirectTo", "forwardAsAttachmentTo")
_KEYS = " || ".join(f'@.key == "{name}"' for name in _SENT_ON)
_ADDRESSES = f'$ ? (@.type() == "object").keyvalue() ? ({_KEYS}).value[*].emailAddress.address'
# What is null or false narrows nothing.
_ANY_CONDITION = (
    '$ ? (@.type() == "object").keyvalue() ? (@.value != null && '
    '(@.value.type() != "boolean" || @.value == true))'
)
_DELETES = "$ ? (@.delete == true || @.permanentDelete == true)"


def deletes_message(actions: ColumnElement[object]) -> ColumnElement[bool]:
    """Tell whether a rule deletes the message that it is for."""
    return func.coalesce(has(actions, _DELETES), False, type_=Boolean)


def applies_to_all(conditions: ColumnElement[object]) -> ColumnElement[bool]:
    """Tell whether a rule is for every message: it has no condition."""
    return ~func.coalesce(has(conditions, _ANY_CONDITION), False, type_=Boolean)


def sent_outside(actions: ColumnElement[object], own: Domains) -> FromClause:
    """One row: the addresses outside that a rule sends mail on to, and how many they are.

    What has no "@" is a name within Exchange (X.500). As long as no domain of the tenant is known each
    address counts: it is shown rather than missed.
    """
    address = items(actions, _ADDRESSES).c.item
    is_inside = func.coalesce(is_own(address, own), False, type_=Boolean)
    there = address.contains("@") & ~is_inside
    return (
        select(
            func.string_agg(address, ", ", type_=TextType).filter(there).label("addresses"),
            cast(func.count().filter(there), BigInteger).label("number"),
        )
        .select_from(address.table)
        .lateral()
    )
