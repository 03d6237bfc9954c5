"""Makes the fixed tables and extends them, as they are declared all over the store; drops nothing."""

import re
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, Table, text
from sqlalchemy.schema import CreateColumn, CreateIndex

from shared.store.schema.additions import missing_columns
from shared.store.schema.metadata import EVERYBODY_READS, METADATA, of_a_tenant
from shared.store.schema.row_security import OF_THE_OPERATOR, OF_THE_TENANT, protect

_STORE = Path(__file__).resolve().parents[1]
_DECLARES = re.compile(r"^\w+ = Table\(\n    \"\w+\",\n    METADATA,", re.MULTILINE)


def fixed_tables() -> list[Table]:
    """Return every fixed table, by name; imports the modules of the store that declare one."""
    for file in sorted(_STORE.rglob("*.py")):
        if _DECLARES.search(file.read_text("utf-8")):
            path = file.relative_to(_STORE).with_suffix("")
            import_module(".".join(("shared.store", *path.parts)))
    return sorted(METADATA.tables.values(), key=lambda table: table.name)


def make_fixed_tables(connection: Connection) -> None:
    """Create what is missing: tables, columns, indexes, policies; ColumnRetyped if a type differs.

    A column that is added to a table with rows needs a default, or takes null.
    """
    tables = fixed_tables()
    METADATA.create_all(connection)
    for table in tables:
        for column in missing_columns(connection, table):
            definition = str(CreateColumn(column).compile(dialect=connection.dialect))
            change = f"ALTER TABLE {table.fullname} ADD COLUMN {definition}"
            connection.execute(text(change))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            connection.execute(CreateIndex(index, if_not_exists=True))
        rule = f"{OF_THE_TENANT} OR {OF_THE_OPERATOR}" if of_a_tenant(table) else OF_THE_OPERATOR
        protect(connection, table, rule, readable=EVERYBODY_READS.items() <= table.info.items())
