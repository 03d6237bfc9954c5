"""What our own registers, and the audit log, hold of a person: by ids, for the most part."""
# ruff: noqa: S608  (names come from declarations; values are parameters)

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from sqlalchemy import Engine

from shared.core.person import Identity, Veil, leaves
from shared.store.registers.api_key_table import API_KEYS
from shared.store.registers.membership_table import MEMBERSHIPS
from shared.store.schema.fixed_tables import fixed_tables
from shared.store.schema.metadata import of_a_tenant
from shared.store.session.sessions import cursor, operator_session

# Which rows of the deployment's own tables of who may what are told for a tenant: those for it alone,
# and those of somebody of its directory, or made by him. Whoever asks may name what he likes, the id of
# another tenant too: of a row that tells of others he is to learn nothing, not even that it is there.
_OF_RIGHTS = {
    MEMBERSHIPS.name: """t.scope_tenant = %(tenant)s OR t.made_by = ANY(%(makers)s)
        OR (t.subject_directory = %(tenant)s AND t.subject_id::text = ANY(%(terms)s))""",
    API_KEYS.name: """t.tenant_ids = ARRAY[%(tenant)s]::uuid[] OR t.made_by = ANY(%(makers)s)""",
}


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a register: its key, and the columns that name him."""

    register: str
    key: Mapping[str, str]
    properties: Mapping[str, str]


def records_about(engine: Engine, tenant_id: UUID, identity: Identity, veil: Veil) -> list[Record]:
    """Return the rows of the tenant's registers, its audit log included, and of rights that name him."""
    found, terms = [], sorted(term.lower() for term in identity.terms)
    given = {
        "tenant": tenant_id,
        "likes": identity.likes,
        "terms": terms,
        "makers": [f"token:{tenant_id}:{term}" for term in terms],
    }
    with operator_session(engine) as connection, cursor(connection) as query:
        driver = query.connection
        for table in fixed_tables():
            own = of_a_tenant(table)
            if not own and table.name not in _OF_RIGHTS:
                continue
            scope = "t.tenant_id = %(tenant)s" if own else _OF_RIGHTS[table.name]
            statement = f"""SELECT to_jsonb(t) AS row FROM {table.fullname} t
                WHERE ({scope}) AND lower(t::text) LIKE ANY(%(likes)s)"""
            with driver.cursor(row_factory=dict_row) as rows:
                set_json_loads(msgspec.json.decode, rows)
                for one in rows.execute(statement.encode(), given):
                    told = _naming(one["row"], veil)
                    if told:
                        # SQLAlchemy's names are texts of a kind that JSON does not take.
                        names = [str(column.name) for column in table.primary_key]
                        key = {name: str(one["row"][name]) for name in names}
                        found.append(Record(str(table.name), key, told))
    return found


def _naming(row: Mapping[str, Any], veil: Veil) -> dict[str, str]:
    return {name: str(value) for name, value in leaves(row) if veil.names(str(value))}
