"""When objects were last found changed: the beginning of a version that another one came before."""

from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Table, case, literal, select

from shared.store.schema.predicates import found_by_key, of_any_time


def last_changes(
    table: Table, tenant: ColumnElement[UUID], valid: ColumnElement[bool]
) -> FromClause:
    """Return `id` and `changed_at` of the versions that are `valid`; null for an object's first.

    When that one became so nobody knows: it was found so.
    """
    earlier = table.alias()
    before = select(literal(1)).where(
        earlier.c.tenant_id == tenant,
        earlier.c.id == table.c.id,
        earlier.c.valid_until <= table.c.valid_from,
        of_any_time(earlier),
        found_by_key(earlier),
    )
    changed = case((before.exists(), table.c.valid_from)).label("changed_at")
    return select(table.c.id, changed).where(table.c.tenant_id == tenant, valid).subquery()
