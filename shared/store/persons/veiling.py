"""Puts a person's data under the veil: all versions of all datasets, and our own registers.

Rows stay, with their times, numbers and keys; what names him is a pseudonym then, the same wherever it
stood. A row that is under the veil is not found again, so that all of it may be done twice.
"""
# ruff: noqa: S608  (names come from the catalogue and are quoted; values are parameters)

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb, set_json_loads
from sqlalchemy import Connection, Engine, Table, text
from sqlalchemy import Text as TextType
from sqlalchemy.dialects.postgresql import JSONB

from shared.core.collector import Collector, collated
from shared.core.errors import Conflict
from shared.core.person import Identity, Veil
from shared.store.datasets.collation import sort_key
from shared.store.persons.finding import Place, candidates, is_his, owned, place_of
from shared.store.persons.requests import PERSON_REQUESTS, count_rows
from shared.store.registers.legal_holds import hold_tenant, holds_in_force, is_held
from shared.store.schema.dataset_tables import SCHEMA
from shared.store.schema.fixed_tables import fixed_tables
from shared.store.schema.metadata import of_a_tenant
from shared.store.schema.predicates import known_since
from shared.store.session.sessions import cursor, tenant_session

BATCH = 500

_MAY_WRITE = text("SELECT has_table_privilege(:table, 'UPDATE')")

# Who did what is told by ids, and nobody changes it; what is asked about a person tells no name.
_LEFT_ALONE = {"audit_events", "audit_files", PERSON_REQUESTS.name}


def veil_dataset(
    engine: Engine,
    tenant_id: UUID,
    request_id: UUID,
    collector: Collector,
    identity: Identity,
    veil: Veil,
    *,
    since: datetime | None = None,
    after: Place | None = None,
) -> Place | None:
    """Veil the next rows of a dataset after a place; return the last of them, None at the end.

    One transaction, in which the request counts them. `since` leaves out what was known before.
    Conflict if the dataset is held.
    """
    with tenant_session(engine, tenant_id) as connection:
        hold_tenant(connection, tenant_id)
        if is_held(collector.dataset, holds_in_force(connection, tenant_id)):
            raise Conflict("tenant_on_hold", parameter="tenant", value=str(tenant_id), holds="-")
        found = [
            *candidates(
                connection,
                tenant_id,
                collector,
                identity,
                after=after,
                since=since,
                limit=BATCH,
                alone=True,
            )
        ]
        changed = sum(_veil(connection, collector, row, veil) for row in found)
        count_rows(connection, tenant_id, request_id, collector.dataset, changed)
    if len(found) < BATCH:
        return None
    return place_of(found[-1])


def veil_registers(engine: Engine, tenant_id: UUID, identity: Identity, veil: Veil) -> int:
    """Veil what our own tables of the tenant say of him: links, causes, places; return how many rows."""
    changed = 0
    with tenant_session(engine, tenant_id) as connection:
        for table in fixed_tables():
            may = connection.execute(_MAY_WRITE, {"table": table.fullname}).scalar_one()
            if may and of_a_tenant(table) and table.name not in _LEFT_ALONE:
                changed += _veil_register(connection, table, tenant_id, identity, veil)
    return changed


def changes(collector: Collector, row: Mapping[str, Any], veil: Veil) -> dict[str, Any]:
    """Return the columns of a row that are others under the veil, as Python has them."""
    his, own = is_his(collector, row, veil), owned(collector, row, veil)
    names = ["id", *(["parent_id"] if collector.parent is not None else [])]
    after = {name: veil.over(row[name], his=his) for name in names}
    for column in collector.columns:
        value = row[column.name]
        if isinstance(value, str) and column in own:
            after[column.name] = veil.pseudonym(value)
        elif isinstance(value, str) or column.type == "json":
            after[column.name] = veil.over_json(value, his=his)
        if column.collated and after.get(column.name) != value:
            after[collated(column.name)] = sort_key(after[column.name])
    raw = row["raw"]
    for column in own:
        raw = _replaced(raw, column.source.split("/"), veil)
    after["raw"] = veil.over_json(raw, his=his)
    return {name: value for name, value in after.items() if value != row[name]}


def _replaced(value: Any, path: Sequence[str], veil: Veil) -> Any:
    """Return JSON with the text at a path replaced by its pseudonym; whatever else is there stays."""
    if not path:
        return veil.pseudonym(value) if isinstance(value, str) else value
    if not isinstance(value, Mapping) or path[0] not in value:
        return value
    return {**value, path[0]: _replaced(value[path[0]], path[1:], veil)}


def _veil(connection: Connection, collector: Collector, row: dict[str, Any], veil: Veil) -> bool:
    new = changes(collector, row, veil)
    if not new:
        return False
    table = f'{SCHEMA}."{collector.dataset}"'
    with cursor(connection) as query:
        if "id" in new and row["valid_to"] is None:
            # Collected anew since he was veiled: what was current till then ends.
            known = known_since(collector)
            day = " AND t.report_date = %(day)s" if collector.shape == "measure" else ""
            query.execute(
                f"""UPDATE {table} t
                SET valid_to = greatest(%(at)s, t."{known}" + interval '1 microsecond')
                WHERE t.tenant_id = %(tenant)s AND t.id = %(id)s
                    AND t.valid_until = 'infinity'{day}""".encode(),
                {
                    "at": row["_since"],
                    "tenant": row["tenant_id"],
                    "id": new["id"],
                    "day": row.get("report_date"),
                },
            )
        values = {name: _stored(value) for name, value in new.items()}
        assigned = ", ".join(f'"{name}" = %({name})s' for name in values)
        query.execute(
            f"""UPDATE {table} t SET {assigned}
            WHERE t.tableoid = %(_table)s AND t.ctid = %(_place)s::tid""".encode(),
            {**values, "_table": row["_table"], "_place": row["_place"]},
        )
        return query.rowcount == 1


def _veil_register(
    connection: Connection, table: Table, tenant_id: UUID, identity: Identity, veil: Veil
) -> int:
    kinds = (TextType, JSONB)
    names = [column.name for column in table.columns if isinstance(column.type, kinds)]
    if not names:
        return 0
    listed = ", ".join(f't."{name}"' for name in names)
    query = f"""SELECT t.ctid::text AS _place, {listed} FROM {table.fullname} t
        WHERE t.tenant_id = %s AND lower(t::text) LIKE ANY(%s) FOR UPDATE"""
    driver, changed = cursor(connection).connection, 0
    with driver.cursor(row_factory=dict_row) as rows:
        set_json_loads(msgspec.json.decode, rows)
        found = rows.execute(query.encode(), [tenant_id, identity.likes]).fetchall()
        for row in found:
            new = {name: veil.over_json(row[name], his=False) for name in names}
            new = {name: _stored(one) for name, one in new.items() if one != row[name]}
            if new:
                assigned = ", ".join(f'"{name}" = %({name})s' for name in new)
                change = f"UPDATE {table.fullname} SET {assigned} WHERE ctid = %(_place)s::tid"
                rows.execute(change.encode(), {**new, "_place": row["_place"]})
                changed += rows.rowcount
    return changed


def _stored(value: Any) -> Any:
    is_json = isinstance(value, (list, Mapping))
    return Jsonb(value, dumps=msgspec.json.encode) if is_json else value
