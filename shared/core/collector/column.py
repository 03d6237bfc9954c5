"""A stored column, and a permission that reading needs."""

from typing import Literal

from msgspec import Struct

from shared.core.text import Text

type ColumnType = Literal["text", "bool", "int", "float", "timestamp", "date", "json"]
# Graph tells again of an object when something changed that is no part of it, such as its shares.
TOLD = "{told}"
# The day that a file was asked for: which one it tells of is not written in all of them.
ASKED = "{date}"

type Shape = Literal["entity", "event", "measure"]


def collated(name: str) -> str:
    """Return the name of the column that holds the sort key of `name`."""
    return f"{name}_collated"


class Column(Struct, frozen=True):
    """One stored column.

    `source` is the Graph property, `a/b` for a property of a complex property, the CSV header of a
    usage report, or `{parent}` for the id of the object below which it is read and `{name}` for a column of that. `{told}` is when
    Graph told of the object last, changed or not: it makes no version. Absent and null both store null,
    except where `never_null` says that Graph's metadata or documentation knows no null: there both
    mean that nothing was told, and what was known before stays. `search` asks for an index that serves prefix
    (`startswith`) or substring (`contains`) search under row-level security.
    `folded`: letter case does not count, as in user principal names and mail addresses; filters,
    orders and indexes then go by the column `<name>_folded` that the store adds, and so must joins.
    `collated`: a name that people look for in a list; orders go by the column `<name>_collated`
    that the store adds, its key by the Unicode Collation Algorithm. Filters go by the name itself.
    `whose` says of what is `personal` whom it is about: left out, the person of the row
    (`Collector.person`); `itself` names him; `anybody` may name him, in a text, an address or JSON;
    else the column that names him.
    `counted`: reports count all objects by it, at any instant, or the events of a period, so an index
    holds it for each version.
    `seconds`: Graph tells a duration, such as PT0.016S; the float that is kept is its seconds.
    """

    name: str
    source: str
    type: ColumnType = "text"
    personal: bool = False
    whose: str = ""
    search: Literal["prefix", "substring"] | None = None
    folded: bool = False
    collated: bool = False
    never_null: bool = False
    counted: bool = False
    seconds: bool = False


class Permission(Struct, frozen=True):
    """One Microsoft Graph application permission and what Kanri needs it for.

    `covered_by` are permissions that allow all of that and more: a tenant that granted one of them
    need not grant this one.
    """

    name: str
    purpose: Text
    covered_by: tuple[str, ...] = ()
