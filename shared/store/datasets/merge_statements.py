"""The SQL that loads one dataset, written out once per collector.

No statement leaves the planner a choice that statistics could spoil. Everything is addressed by arrays
of ids and an index probe per id (a LATERAL with LIMIT cannot become a join), and each statement says
the phrase of the one index that may serve it (see dataset_indexes): the cost per row then does not
grow with the table, be it analysed or not. Names come from the catalogue and are quoted; values are
parameters.
"""
# ruff: noqa: S608

from dataclasses import dataclass
from functools import cache

from shared.core.collector import COLLECTORS, Collector, ColumnType, collated
from shared.core.registry import of
from shared.store.schema.dataset_tables import SCHEMA
from shared.store.schema.predicates import BY_KEY, BY_VALUE, OF_ANY_TIME, by_key, known_since

# psycopg finds its binary dumpers by these names.
_TYPES: dict[ColumnType, str] = {
    "text": "text",
    "bool": "bool",
    "int": "int8",
    "float": "float8",
    "timestamp": "timestamptz",
    "date": "date",
    "json": "jsonb",
}

_CURRENT = "t.tenant_id = %(tenant)b AND t.valid_until = 'infinity'"
_CURRENT_BY_PARENT = f"{_CURRENT} AND {BY_VALUE}"
_ENDED = f"t.tenant_id = %(tenant)b AND t.valid_until < 'infinity' AND {BY_KEY} AND {OF_ANY_TIME}"

# NOT IN is never turned into a join: the hashes (none is null) are put into a hash table once.
_UNSEEN = """hashtextextended({subject}, 0) NOT IN (
    SELECT unnest(hashes) FROM kanri.seen_pages
    WHERE tenant_id = %(tenant)b AND dataset = %(dataset)b AND run_id = %(run)b)"""


# Annotations of an object as a whole, whatever its type.
_ANNOTATIONS = (
    "{@odata.type,@odata.id,@odata.etag,@odata.context,@odata.editLink,@odata.readLink,"
    "@odata.navigationLink,@odata.associationLink}"
)


@dataclass(frozen=True, slots=True)
class MergeStatements:
    """Statements with named parameters; rows come as an array a column (see `rows`), named like it.

    `insert_first` is `insert` for a dataset of which no version has ended yet.
    """

    filter: str
    settle_same: str
    close: str
    close_parents: str
    close_unseen: str
    close_unseen_of_parent: str
    close_orphans: str
    parent: str
    insert: str
    insert_first: str


def merge_statements(collector: Collector) -> MergeStatements:
    """Return the statements that load `collector`."""
    return _statements(collector.dataset, collector)


def stored_columns(collector: Collector) -> dict[str, str]:
    """Return the columns that a row brings along, in order, each with its type's name."""
    columns = {"id": "text"}
    if collector.shape == "measure":
        columns["report_date"] = "date"
    if collector.parent is not None:
        columns["parent_id"] = "text"
    columns["content_hash"] = "bytea"
    for column in collector.columns:
        columns[column.name] = _TYPES[column.type]
    names = [column.name for column in collector.columns if column.collated]
    columns |= dict.fromkeys(map(collated, names), "text")
    return columns | {"raw": "jsonb"}


def array_of(column: str) -> str:
    """Return the name of the parameter that holds a column of a batch; columns may be called as others."""
    return f"{column}[]"


@cache
def _statements(dataset: str, collector: Collector) -> MergeStatements:
    return _Writer(dataset, collector).statements()


class _Writer:
    """Puts the statements of one collector together; names are quoted, nothing else varies."""

    def __init__(self, dataset: str, collector: Collector) -> None:
        self._event_time = collector.event_time
        self._version = collector.keep.event_version
        self._measure = collector.shape == "measure"
        self._began = known_since(collector)
        self._current = f"{_CURRENT} AND {by_key(collector)}"
        self._table = f'{SCHEMA}."{dataset}"'
        self._columns = stored_columns(collector)
        lasting = [column.name for column in collector.columns if column.never_null]
        self._lasting = {*lasting, *map(collated, lasting)}
        self._where = collector.extent.where
        self._above = of(COLLECTORS).get(collector.parent or "")
        self._told = collector.told_at is not None
        self._volatile = [source.split("/") for source in collector.keep.volatile]
        self._notes = {
            column.name: column.source.split("/")
            for column in collector.columns
            if column.source.rpartition("/")[2].startswith("@odata.")
        }

    def statements(self) -> MergeStatements:
        names = _list(self._columns)
        is_event = self._event_time is not None
        ended = " RETURNING t.valid_to" if is_event else ""
        return MergeStatements(
            filter=self._filter_events() if is_event else self._filter_versions(),
            settle_same=self._settle_same(),
            close=f"{self._ending()} AND t.id = ANY(%(ids)b){self._on_date('= %(date)b')}{ended}",
            close_parents=f"{self._ending(_CURRENT_BY_PARENT)}"
            " AND t.parent_id = ANY(%(parents)b) AND t.id <> ALL(%(ids)b)",
            close_unseen=f"{self._ending()}{self._on_date('= %(date)b')} AND {self._unseen()}",
            close_unseen_of_parent=f"{self._ending(_CURRENT_BY_PARENT)}"
            f" AND t.parent_id = %(parent)b AND {self._unseen()}",
            close_orphans=self._close_orphans(),
            parent=self._a_parent(),
            insert=self._insert_first(names) if is_event else self._insert_versions(names),
            insert_first=self._insert_first(names),
        )

    def _on_date(self, condition: str) -> str:
        return f" AND t.report_date {condition}" if self._measure else ""

    def _unseen(self) -> str:
        """What no page of a full read contained; of a measure, id and date make the subject."""
        subject = "to_char(t.report_date, 'YYYY-MM-DD') || '/' || t.id" if self._measure else "t.id"
        return _UNSEEN.format(subject=subject)

    def _ending(self, current: str = "") -> str:
        """The start of every statement that closes current versions."""
        # A page may bring an object twice, and another instance's clock may be ahead of ours: a version
        # that ended no later than it began would have been valid at no instant.
        end = f"greatest(%(at)b, t.{self._began} + interval '1 microsecond')"
        return f"UPDATE {self._table} t SET valid_to = {end} WHERE {current or self._current}"

    def _filter_versions(self) -> str:
        """Ordinals of the rows that are new or differ, and whether a version is current."""
        # Where it counts when an object was told of, each of them is written.
        differs = "true" if self._told else "t.content_hash IS DISTINCT FROM i.content_hash"
        dates, date = (", %(dates)b", ", report_date") if self._measure else ("", "")
        return f"""
            SELECT i.n, t.content_hash IS NOT NULL
            FROM unnest(%(ids)b::text[], %(hashes)b::bytea[]{dates})
                WITH ORDINALITY AS i (id, content_hash{date}, n)
            LEFT JOIN LATERAL (
                SELECT t.content_hash FROM {self._table} t
                WHERE {self._current} AND t.id = i.id{self._on_date("= i.report_date")} LIMIT 1
            ) t ON true
            WHERE {differs}"""

    def _filter_events(self) -> str:
        """Ordinals of the events that are new or differ.

        An event's time may have changed, by a month at most: the months around it are all that is
        looked at. One that is told with an earlier time than before is an older state of it.
        """
        month = "date_trunc('month', i.at, 'UTC')"
        time = f't."{self._event_time}"'
        told = known = newer = ""
        if self._version is not None:
            told, known = ", %(versions)b::bigint[]", f', t."{self._version}" AS version'
            newer = " AND coalesce(t.version <= i.version, true)"
        return f"""
            SELECT i.n, t.at IS NOT NULL
            FROM unnest(%(ids)b::text[], %(times)b, %(hashes)b::bytea[]{told})
                WITH ORDINALITY AS i (id, at, content_hash{", version" if told else ""}, n)
            LEFT JOIN LATERAL (
                SELECT t.content_hash, {time} AS at{known} FROM {self._table} t
                WHERE {self._current} AND t.id = i.id
                    AND {time} >= {month} - interval '1 month'
                    AND {time} < {month} + interval '2 months'
                LIMIT 1
            ) t ON true
            WHERE t.at IS NULL OR (
                t.content_hash IS DISTINCT FROM i.content_hash AND t.at <= i.at{newer})"""

    @property
    def _rows(self) -> str:
        """The rows of a batch, from an array a column: the server walks them side by side."""
        arrays = (
            f'unnest(%({array_of(name)})b::{kind}[]) AS "{name}"'
            for name, kind in self._columns.items()
        )
        return f"SELECT {', '.join(arrays)}"

    def _settle_same(self) -> str:
        """Bring up to date in place what is the same object but for order, nulls, annotations and what
        is volatile: its hash and columns. The collector may have changed.
        """
        kept = [name for name in self._columns if name not in ("id", "report_date")]
        changes = ", ".join(
            f'"{name}" = {self._lasts(name, f't."{name}"', "same")}' for name in kept
        )
        # Annotations come and go with what is asked for: one that is not told has not changed.
        same = f"{self._data('t')} = {self._data('s')}" + "".join(
            f' AND coalesce(t."{name}" = s."{name}", true)' for name in self._notes
        )
        # OFFSET keeps the probe one per row of the batch, and the ids are named although `same` has them:
        # by an array the index is probed, by the join alone the table might be read.
        return f"""
            WITH same AS MATERIALIZED (
                SELECT s.* FROM ({self._rows}) s WHERE EXISTS (
                    SELECT FROM {self._table} t
                    WHERE {self._current} AND t.id = s.id{self._on_date("= s.report_date")}
                        AND {same}
                    OFFSET 0
                )
            )
            UPDATE {self._table} t SET {changes} FROM same
            WHERE {self._current} AND t.id = ANY(%(ids)b)
                AND t.id = same.id{self._on_date("= same.report_date")}
            RETURNING t.id{", t.report_date" if self._measure else ""}"""

    def _lasts(self, name: str, former: str, source: str) -> str:
        """A column's new value; the former one where Graph did not tell what is never null."""
        new = f'{source}."{name}"'
        return f"coalesce({new}, {former})" if name in self._lasting else new

    @property
    def _former(self) -> str:
        """The value in the object's last version, which has ended by then."""
        return f"""(
                SELECT t."{{column}}" FROM {self._table} t
                WHERE {_ENDED} AND t.id = s.id
                {self._on_date("= s.report_date")} ORDER BY t.valid_until DESC LIMIT 1)"""

    def _data(self, row: str) -> str:
        """An object without nulls, annotations (its own, and those that columns are made of) and what
        is volatile."""
        left_out = [*self._notes.values(), *self._volatile]
        paths = "".join(f" #- '{{{','.join(map(_quoted, path))}}}'" for path in left_out)
        return f"jsonb_strip_nulls(({row}.raw - '{_ANNOTATIONS}'::text[]){paths})"

    def _insert_versions(self, names: str) -> str:
        """New versions start when observed, but never before the object's last one ended."""
        # The version before has been ended a statement ago, so it is looked for among the ended ones.
        staged = ", ".join(
            self._lasts(name, self._former.format(column=name), "s") for name in self._columns
        )
        return f"""
            INSERT INTO {self._table} (tenant_id, valid_from, {names})
            SELECT %(tenant)b, greatest(%(at)b, (
                SELECT max(t.valid_until) FROM {self._table} t
                WHERE {_ENDED} AND t.id = s.id
                {self._on_date("= s.report_date")}
            )), {staged}
            FROM ({self._rows}) s"""

    def _insert_first(self, names: str) -> str:
        return f"""
            INSERT INTO {self._table} (tenant_id, {self._began}, {names})
            SELECT %(tenant)b, %(at)b, {names} FROM ({self._rows}) s"""

    def _close_orphans(self) -> str:
        """`{parent}` is filled in with the parent's table. OFFSET keeps it a probe per row."""
        return f"{self._ending()} AND NOT EXISTS ({self._a_parent()})"

    def _a_parent(self) -> str:
        """A probe for the parent of a row, where it is one (see `Below`)."""
        current = f"{_CURRENT} AND {by_key(self._above)}".replace("t.", "p.")
        wanted = "" if self._where is None else f" AND ({self._where})"
        return f"SELECT FROM {{parent}} p WHERE {current} AND p.id = t.parent_id{wanted} OFFSET 0"


def _quoted(part: str) -> str:
    """An element of an array of text: CSV headers hold blanks and brackets."""
    return f'"{part}"'


def _list(names: dict[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
