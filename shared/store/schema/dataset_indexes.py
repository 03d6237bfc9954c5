"""Derives the indexes of a dataset's table from its collector; whoever asks the table needs none of this.

An index that gives an order or finds a group holds all versions, the span of each in the key behind what
it orders by: PostgreSQL passes by the other versions of an object within the index, next to each other,
and visits the rows of one instant only. Apart, the present and the past would have to be merged, and
where one of them has nothing for the instant, all of it is read to learn that.
"""

from sqlalchemy import Index, Table, and_

from shared.core import collector as declared
from shared.core.collector import Collector, collated
from shared.store.schema.dataset_tables import dataset_table, folded
from shared.store.schema.predicates import (
    found_by_key,
    found_by_stay,
    found_by_value,
    is_current,
    of_any_time,
)


def dataset_indexes(collector: Collector) -> list[Index]:
    """Return the indexes of the table of `collector`, by name; every table has some."""
    table = dataset_table(collector)
    if not table.indexes:
        if collector.shape == "event":
            _index_events(table, collector)
        else:
            _index_versions(table, collector)
    return sorted(table.indexes, key=lambda index: str(index.name))


def _index_versions(table: Table, collector: Collector) -> None:
    dataset, key = table.name, ["tenant_id", "id"]
    if collector.shape == "measure":
        key.insert(1, "report_date")
    current = and_(is_current(table), found_by_key(table))
    keys, span = [table.c[name] for name in key], (table.c.valid_until, table.c.valid_from)
    Index(f"{dataset}_current", *keys, unique=True, postgresql_where=current)
    of_a_key = and_(of_any_time(table), found_by_key(table))
    Index(f"{dataset}_versions", *keys, *span, unique=True, postgresql_where=of_a_key)
    by_value = found_by_value(table)
    if collector.parent is not None:
        parent = (table.c.tenant_id, table.c.parent_id)
        Index(f"{dataset}_parent", *parent, *span, postgresql_where=by_value)
    _index_counted(table, collector)
    for column in collector.columns:
        _index_search(table, column)


def _index_counted(table: Table, collector: Collector) -> None:
    """Index what is counted over all objects, its columns included: no row is visited for it."""
    owner, span = table.c.tenant_id, (table.c.valid_from, table.c.valid_until)
    counted = [column.name for column in collector.columns if column.counted]
    if collector.shape == "measure":
        # Tells the newest date that was known at an instant, too.
        name, keys = f"{table.name}_dates", (owner, table.c.report_date, *span)
        by_value = found_by_value(table)
        Index(name, *keys, postgresql_include=counted, postgresql_where=by_value)
    elif counted:
        name, keys = f"{table.name}_stays", (owner, table.c.stay, *span)
        by_stay, included = found_by_stay(table), ["id", *counted]
        Index(name, *keys, postgresql_include=included, postgresql_where=by_stay)


def _index_events(table: Table, collector: Collector) -> None:
    # An event is found again by its id: its time may have changed. Reports go by time.
    owner, event, time = table.c.tenant_id, table.c.id, table.c[collector.event_time or ""]
    current = and_(is_current(table), found_by_key(table))
    Index(f"{table.name}_current", owner, event, time, unique=True, postgresql_where=current)
    told, by_value = (owner, time, event, table.c.collected_at), found_by_value(table)
    counted = [column.name for column in collector.columns if column.counted]
    # What is counted over a period is read out of the index alone; it is a new one by its name.
    name, included = (
        (f"{table.name}_times", ["valid_until", *counted])
        if counted
        else (f"{table.name}_time", [])
    )
    Index(name, *told, unique=True, postgresql_include=included, postgresql_where=by_value)
    if collector.parent is not None:
        Index(f"{table.name}_parent", owner, table.c.parent_id, time, postgresql_where=by_value)
    for column in collector.columns:
        if column.search is not None:
            searched = table.c[folded(column.name) if column.folded else column.name]
            keys = (table.c.tenant_id, searched, time)
            Index(f"{table.name}_{column.name}", *keys, postgresql_where=found_by_value(table))


def _index_search(table: Table, column: declared.Column) -> None:
    if column.search is None:
        return
    name, by_value = f"{table.name}_{column.name}", found_by_value(table)
    searched = table.c[folded(column.name) if column.folded else column.name]
    day = [table.c.report_date] if "report_date" in table.c else []
    rest = (table.c.id, table.c.valid_until, table.c.valid_from)
    if column.collated:
        # Reports go by the sort key; by the name itself only few are looked for.
        Index(name, table.c.tenant_id, *day, searched, postgresql_where=by_value)
        searched, name_of_order = table.c[collated(column.name)], collated(name)
    else:
        name_of_order = name
    # Serves reports ordered by the column, and a search by its beginning.
    Index(name_of_order, table.c.tenant_id, *day, searched, *rest, postgresql_where=by_value)
    if column.search == "substring":
        # The database's own collation, so that letter case beyond ASCII is folded too.
        plain = table.c[column.name].collate("default")
        Index(
            f"{name}_trigrams",
            plain.label("folded"),
            postgresql_using="gin",
            postgresql_ops={"folded": "gin_trgm_ops"},
            postgresql_where=is_current(table),
        )
