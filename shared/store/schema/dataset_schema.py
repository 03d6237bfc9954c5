"""Brings the dataset tables up to their collectors: adds tables, columns and indexes, drops nothing."""

from collections.abc import Iterable

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import CreateColumn, CreateIndex, CreateTable

from shared.core import clock
from shared.core.collector import Collector
from shared.store.schema.additions import missing_columns
from shared.store.schema.dataset_indexes import dataset_indexes
from shared.store.schema.dataset_tables import PARTITION_SCHEMA, SCHEMA, dataset_table
from shared.store.schema.partitions import months_ahead
from shared.store.schema.row_security import OF_THE_TENANT, protect


def synchronise(connection: Connection, collectors: Iterable[Collector]) -> None:
    """Create or extend the table of each collector; ColumnRetyped if a stored type would change."""
    for collector in collectors:
        table = dataset_table(collector)
        connection.execute(CreateTable(table, if_not_exists=True))
        _add_columns(connection, table)
        for index in dataset_indexes(collector):
            connection.execute(CreateIndex(index, if_not_exists=True))
        protect(connection, table, OF_THE_TENANT)
        if collector.shape == "event":
            _prepare_partitions(connection, table)
        else:
            _expect_few_ends(connection, table)
        _leave_json_out_of_statistics(connection, table)


def _add_columns(connection: Connection, table: Table) -> None:
    for column in missing_columns(connection, table):
        definition = f'"{column.name}" {column.type.compile(connection.dialect)}'
        if column.computed is not None:
            definition = str(CreateColumn(column).compile(dialect=connection.dialect))
        change = f'ALTER TABLE {SCHEMA}."{table.name}" ADD COLUMN {definition}'
        connection.execute(text(change))


def _expect_few_ends(connection: Connection, table: Table) -> None:
    """Have a version of an instant that is looked up by its key cost what it does.

    PostgreSQL 18 thinks of skipping from one end of a version to the next, in the index where those of a
    key have a few. By as many as a table has of them a look-up seems to cost thousands of pages, most
    for an instant of yesterday, and all of a table is read instead. It goes by this from the next ANALYZE on.
    """
    ends = f'{SCHEMA}."{table.name}" ALTER COLUMN valid_until SET (n_distinct = 2)'
    connection.execute(text(f"ALTER TABLE {ends}"))


def _leave_json_out_of_statistics(connection: Connection, table: Table) -> None:
    """Nothing is planned by the contents of JSON, and sampling it is most of what ANALYZE costs.

    That goes for the partitions there are; `kanri.ensure_partitions` copies it to those to come.
    """
    for column in table.columns:
        if isinstance(column.type, JSONB):
            name = f'{SCHEMA}."{table.name}" ALTER COLUMN "{column.name}"'
            connection.execute(text(f"ALTER TABLE {name} SET STATISTICS 0"))


def _prepare_partitions(connection: Connection, table: Table) -> None:
    """Make the default partition, and those of this month and the two that follow."""
    default = f'{PARTITION_SCHEMA}."{table.name}_default"'
    connection.execute(
        text(f'CREATE TABLE IF NOT EXISTS {default} PARTITION OF {SCHEMA}."{table.name}" DEFAULT')
    )
    months = {"dataset": table.name, "months": [str(day) for day in months_ahead(clock.now())]}
    ensure = "SELECT kanri.ensure_partitions(:dataset, CAST(:months AS date[]))"
    connection.execute(text(ensure), months)
