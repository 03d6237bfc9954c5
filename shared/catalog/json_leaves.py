"""Every value of a JSON document with the path that leads to it, whatever Microsoft puts into it."""

from typing import Any

from sqlalchemy import ColumnElement, String, case, column, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.sql.selectable import FromClause, ScalarSelect

from shared.catalog.expressions import listed

# Deep enough for users.includeGuestsOrExternalUsers.externalTenants.members; what lies deeper is
# shown as JSON.
_DEPTH = 4


def leaves(document: ColumnElement[Any]) -> FromClause:
    """Return a row per value of a jsonb object: `path` (property names with dots) and `value` (jsonb).

    Null, the empty object and OData annotations (a name with @) are no values. An array is one
    value. Anything but an object has no rows.
    """
    level = _members(case((func.jsonb_typeof(document) == "object", document)))
    names: list[ColumnElement[str]] = [level.c.key]
    joined: FromClause = level
    for _ in range(_DEPTH - 1):
        value = level.c.value
        # What is no object goes down as it is, under no name.
        wrapped = func.jsonb_build_object("", value)
        level = _members(case((func.jsonb_typeof(value) == "object", value), else_=wrapped))
        names.append(func.nullif(level.c.key, ""))
        joined = joined.join(level, true())
    path = func.concat_ws(".", *names, type_=String).label("path")
    value = level.c.value.label("value")
    is_value = (func.jsonb_typeof(value) != "null") & path.not_like("%@%")
    return select(path, value).select_from(joined).where(is_value).lateral()


def _members(value: ColumnElement[Any]) -> FromClause:
    members = func.jsonb_each(value).table_valued("key", column("value", JSONB))
    return members.render_derived().lateral()


def leaf_text(leaf: FromClause) -> ColumnElement[str]:
    """Return the value of a leaf as text, those of an array with ", " between; null if empty."""
    return func.nullif(listed(leaf.c.value, "$[*]"), "", type_=String)


def spelled(
    leaf: FromClause,
    name: ColumnElement[str],
    text: ColumnElement[str],
    *where: ColumnElement[bool],
) -> ScalarSelect[str]:
    """Return the leaves as `name: text` with "; " between them, by path; null if there are none."""
    line = name.concat(": ").concat(text)
    by_path: ColumnElement[str] = aggregate_order_by(
        literal_column("'; '"), leaf.c.path.collate("C")
    )
    lines = func.string_agg(line, by_path, type_=String)
    return select(lines).select_from(leaf).where(*where).scalar_subquery()
