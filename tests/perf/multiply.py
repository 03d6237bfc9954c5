"""Makes a big tenant of a small one: every stored row again and again, each time under other names.

Datasets are collected first, through the product's own door. Their rows get a short past (`past`), then
are copied, `job["times"]` times in all, with the ids, sign-in names and display names of each copy's
own wherever they stand, in keys, columns and JSON alike: whatever belongs together in the small tenant
does so in each copy. What a tenant has once, however many people it has, is left as it is.

A tenant that is to get a long history (`histories`) gets no short one here, and is smaller in what
hardly anything hangs on: see `Cut`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.perf.fill import settle
from tests.perf.measure import Figures

if TYPE_CHECKING:
    import psycopg

type Job = Mapping[str, Any]

# How many rows ten people have of a dataset, where the sandbox has fewer or more.
FOR_TEN: Mapping[str, int] = {
    "analyzed_emails": 50,
    "drive_item_permissions": 40,
    "message_traces": 100,
    "sign_ins": 100,
    "site_drive_item_permissions": 12,
}
# What is read of a tenant as a whole: lists of Microsoft's, settings, counts, what a handful of people make.
_ONCE = {
    "active_user_counts",
    "authentication_methods_policy",
    "authorization_policy",
    "backup_policies",
    "backup_service",
    "backup_units",
    "cross_tenant_default",
    "cross_tenant_partners",
    "compliance_configuration",
    "conditional_access_policies",
    "configuration_drifts",
    "configuration_monitors",
    "device_compliance_policies",
    "directory_snapshots",
    "domains",
    "email_activity_counts",
    "email_threat_counts",
    "exchange_configuration",
    "intune_configuration",
    "license_prices",
    "mailbox_quota_counts",
    "mailbox_storage",
    "named_locations",
    "onedrive_activity_counts",
    "onedrive_storage",
    "organization",
    "recovery_jobs",
    "report_settings",
    "restore_sessions",
    "role_definitions",
    "secure_score_controls",
    "secure_scores",
    "security_defaults",
    "service_health",
    "service_issues",
    "service_messages",
    "service_plans",
    "service_user_counts",
    "sharepoint_activity_counts",
    "sharepoint_settings",
    "sharepoint_storage",
    "subscribed_skus",
    "subscriptions",
    "teams_activity_counts",
    "teams_apps",
    "teams_configuration",
}
# Of applications, holders of roles and incidents a big tenant has thousands, and not the more of them the
# more people it has.
_FEW = {
    "app_role_assignments",
    "application_owners",
    "applications",
    "oauth2_permission_grants",
    "role_assignments",
    "role_eligibilities",
    "security_alerts",
    "security_incidents",
    "service_principals",
}
_FEW_TIMES = 30
_GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WORD = re.compile(rf"({_GUID}|[^\s\"',:;/|@#%(){{}}\[\]\\<>]+)")
# Shorter ones, which are no sign-in names, may mean something else somewhere else.
_LONG_ENOUGH = 16
_SPREAD, _ALL = 2_654_435_761, 0xFFFFFFFF
_NULL = r"\N"
# So many rows are stored faster before there are indexes.
_MANY = 50_000


@dataclass(frozen=True, slots=True)
class Cut:
    """What of a tenant is left out where each object has so many versions that a disk would be full.

    The objects as Graph sent them (`raw`) are empty, which no report reads. Of datasets other than
    `whole` only the first people have any, so that there are at most `objects`. Events are as many as
    the sandbox has of a person, and were told `days` before.
    """

    objects: int
    days: int
    whole: frozenset[str] = frozenset(
        {
            "active_users",
            "mailbox_settings",
            "sign_in_activity",
            "user_registration_details",
            "users",
        }
    )

    def copies(self, table: str, times: int, rows: int) -> int:
        """Return how often a table of so many rows is there in all, which would be `times`."""
        return times if table in self.whole else max(1, min(times, self.objects // rows))


@dataclass(frozen=True, slots=True)
class _Stored:
    """A dataset's table: its columns that are written, and its rows as lines of COPY."""

    name: str
    columns: Sequence[str]
    rows: Sequence[str]


def grow(job: Job) -> Figures:
    """Multiply the only tenant of `job["database"]` by `job["times"]`; return the rows of each dataset.

    With `job["objects"]` and `job["days"]` it is cut.
    """
    import psycopg

    times, people = int(job["times"]), int(job["rows"])
    cut = Cut(int(job["objects"]), int(job["days"])) if "objects" in job else None
    with psycopg.connect(job["database"], autocommit=True) as connection:
        with connection.transaction():
            if cut is None:
                _age(connection)
            else:
                _cut(connection, cut.days)
        tables = [_stored(connection, name) for name in _tables(connection)]
        growing = [table for table in tables if table.name not in _ONCE and table.rows]
        owners = _owners(connection, growing, tables)
        for table in growing:
            rows = len(table.rows)
            as_found = cut is not None or table.name not in FOR_TEN
            wanted = rows if as_found else FOR_TEN[table.name] * people // 10
            shown = replace(table, rows=table.rows[:wanted])
            again = max(1, round(wanted / rows))
            copies = min(times, _FEW_TIMES) if table.name in _FEW else times
            copies = copies if cut is None else cut.copies(table.name, copies, rows)
            many = copies * again * len(shown.rows) > _MANY
            indexes = without_indexes(connection, table.name) if many else []
            _copy(connection, shown, owners, copies, again)
            for index in indexes:
                connection.execute(index.encode())
        figures = {name: float(_count(connection, name)) for name in _tables(connection)}
    settle(job["database"])
    return figures


def _tables(connection: "psycopg.Connection[Any]") -> list[str]:
    """The tables of datasets, parents before what is read below them."""
    from shared.core.registry import collector, is_imported

    def depth(name: str) -> int:
        above = None if is_imported(name) else collector(name).parent
        return 0 if above is None else 1 + depth(above)

    found = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'data'::regnamespace AND relkind IN ('r', 'p')"
    )
    names = [str(row[0]) for row in found.fetchall()]
    return sorted(names, key=lambda name: (name != "users", depth(name), name))


def _stored(connection: "psycopg.Connection[Any]", name: str) -> _Stored:
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(%s AS regclass) AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [f'data."{name}"'],
    )
    columns = [str(row[0]) for row in found.fetchall()]
    listed = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor().copy(
        f'COPY (SELECT {listed} FROM data."{name}") TO STDOUT'.encode()
    ) as copy:
        whole = b"".join(copy).decode()
    return _Stored(
        name, columns, whole.splitlines() if "\r" not in whole else whole.split("\n")[:-1]
    )


def _owners(
    connection: "psycopg.Connection[Any]", growing: Sequence[_Stored], tables: Sequence[_Stored]
) -> dict[str, str]:
    """Every word that a copy has its own of, and the dataset whose objects it names."""
    kept = {
        word
        for table in tables
        if table not in growing
        for key in _keys(table)
        for word in _WORD.findall(key)
    }
    names = connection.execute("SELECT user_principal_name FROM data.users").fetchall()
    own = {word: "users" for (name,) in names for word in _WORD.findall(name.split("@")[0])}
    own.pop("EXT", None)
    for table in growing:
        for key in (*_keys(table), *_further_keys(table)):
            for word in _WORD.findall(key):
                if len(word) >= _LONG_ENOUGH:
                    own.setdefault(word, table.name)
    return {word: owner for word, owner in own.items() if word not in kept}


def _keys(table: _Stored) -> Iterator[str]:
    place = table.columns.index("id")
    return (row.split("\t")[place] for row in table.rows)


def _further_keys(table: _Stored) -> Iterator[str]:
    """Yield other ids that tell the objects of a dataset apart, such as `device_id` of devices."""
    objects = dict(zip(_keys(table), (row.split("\t") for row in table.rows), strict=True))
    for place, column in enumerate(table.columns):
        if column.endswith("_id") and column not in ("tenant_id", "parent_id"):
            values = [cells[place] for cells in objects.values() if cells[place] != _NULL]
            if len(set(values)) == len(values):
                yield from values


def _copy(
    connection: "psycopg.Connection[Any]",
    table: _Stored,
    owners: Mapping[str, str],
    times: int,
    again: int,
) -> None:
    """Write the rows of every copy but the first; `again` of each with keys of the dataset's own."""
    templates = [_Template(row, table, owners) for row in table.rows]
    listed = ", ".join(f'"{column}"' for column in table.columns)
    with connection.cursor().copy(f'COPY data."{table.name}" ({listed}) FROM STDIN') as copy:
        for number in range(times):
            for turn in range(again):
                if number or turn:
                    lines = (one.line(number, turn) for one in templates)
                    copy.write("".join(lines))


class _Template:
    """A row whose words can be exchanged."""

    def __init__(self, row: str, table: _Stored, owners: Mapping[str, str]) -> None:
        self._parts = _WORD.split(row)
        numbered = enumerate(self._parts)
        self._places = [(place, owners[word]) for place, word in numbered if word in owners]
        self._own = table.name
        cells, self._key = row.split("\t"), table.columns.index("id")
        # Whose objects the key names. One that names none is a number, or a word of Microsoft's.
        words = _WORD.findall(cells[self._key])
        self._in_key = {owners[word] for word in words if word in owners}
        sorted_by = [name for name in table.columns if f"{name}_collated" in table.columns]
        self._names = [
            (table.columns.index(name), table.columns.index(f"{name}_collated"))
            for name in sorted_by
            if cells[table.columns.index(name)] != _NULL
        ]

    def line(self, number: int, turn: int) -> str:
        """Return the row of a copy."""
        parts = self._parts.copy()
        for place, owner in self._places:
            of_turn = turn if owner == self._own else 0
            parts[place] = _renamed(parts[place], number + of_turn * 100_003)
        text = "".join(parts)
        if self._names and number:
            text = self._with_names(text, number)
        if not self._in_key or (turn and self._own not in self._in_key):
            cells = text.split("\t")
            cells[self._key] += f".{number}.{turn}"
            text = "\t".join(cells)
        return text + "\n"

    def _with_names(self, text: str, number: int) -> str:
        from shared.store.datasets.collation import sort_key

        cells = text.split("\t")
        for name, key in self._names:
            cells[name] = f"{cells[name]} {number}"
            cells[key] = sort_key(cells[name]).replace("\\", r"\\")
        return "\t".join(cells)


def _renamed(word: str, number: int) -> str:
    """Return the word of that number in the place of the first; object ids stay scattered."""
    if number == 0:
        return word
    if len(word) == 36 and word[8] == word[13] == "-":
        begun = int(word[:8], 16) ^ (number * _SPREAD & _ALL)
        return f"{begun:08x}{word[8:]}"
    return f"{word}.{number}"


def without_indexes(connection: "psycopg.Connection[Any]", table: str) -> list[str]:
    """Drop the indexes of a table; return what makes them again."""
    found = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'data' AND tablename = %s",
        [table],
    ).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX data."{name}"'.encode())
    return [definition.replace(" ON ONLY ", " ON ") for _, definition in found]


def _count(connection: "psycopg.Connection[Any]", table: str) -> int:
    found = connection.execute(f'SELECT count(*) FROM data."{table}"'.encode()).fetchone()
    assert found is not None
    return int(found[0])


# When everything was collected first, when some of it changed, and the instant of the past that is
# asked for, which lies between.
FIRST_HOURS, CHANGED_HOURS, THEN_HOURS = 48, 24, 36
# Of so many objects one has changed, and one is gone. Of the users who changed the department did.
_CHANGED, _GONE = 20, 50


def _age(connection: "psycopg.Connection[Any]") -> None:
    """Let the tenant have been collected two days ago, and some of it have changed a day ago."""
    first, changed = (f"interval '{hours} hours'" for hours in (FIRST_HOURS, CHANGED_HOURS))
    for name in _tables(connection):
        columns = _stored(connection, name).columns
        known = "valid_from" if "valid_from" in columns else "collected_at"
        connection.execute(f'UPDATE data."{name}" SET {known} = {known} - {first}'.encode())
        if name not in _ONCE and known == "valid_from":
            for statement in _past(name, columns, f"now() - {changed}"):
                connection.execute(statement.encode())
    ago = f"finished_at = finished_at - {first}, complete_at = complete_at - {first}"
    connection.execute(f"UPDATE kanri.ledger SET {ago}".encode())
    began = f"first_collected_at = first_collected_at - {first}"
    connection.execute(f"UPDATE kanri.work_state SET {began}".encode())


def _cut(connection: "psycopg.Connection[Any]", days: int) -> None:
    """Empty what no report reads, and let events have been told that many days before."""
    for name in _tables(connection):
        columns = _stored(connection, name).columns
        if "valid_from" in columns:
            # Nothing of it is to outlive the server, and reading does not tell the difference.
            connection.execute(f'ALTER TABLE data."{name}" SET UNLOGGED'.encode())
        told = f", collected_at = collected_at - interval '{days} days'"
        earlier = told if "collected_at" in columns else ""
        connection.execute(f"UPDATE data.\"{name}\" SET raw = '{{}}'{earlier}".encode())


def _past(name: str, columns: Sequence[str], changed: str) -> Iterator[str]:
    """Yield the statements that let some rows of a dataset have changed and some be gone."""
    listed = ", ".join(f'"{column}"' for column in columns)
    insert = f'INSERT INTO data."{name}" ({listed}) SELECT '
    if "report_date" in columns:
        only = f'(SELECT count(DISTINCT report_date) FROM data."{name}") = 1'
        before = _chosen(columns, {"report_date": "report_date - 1"})
        yield f'{insert} {before} FROM data."{name}" WHERE {only}'
        newest = f'report_date = (SELECT max(report_date) FROM data."{name}")'
        yield f'UPDATE data."{name}" SET valid_from = {changed} WHERE {newest}'
        return
    drawn = "valid_to IS NULL AND (hashtextextended(id, 5) & 1023) % {of} = {rest}"
    moved = ", department = 'Moved'" if name == "users" else ""
    yield f'{insert} {_chosen(columns, {"valid_to": changed})} FROM data."{name}" WHERE ' + (
        drawn.format(of=_CHANGED, rest=0)
    )
    yield f'UPDATE data."{name}" SET valid_from = {changed}{moved} WHERE ' + (
        drawn.format(of=_CHANGED, rest=0)
    )
    yield f'UPDATE data."{name}" SET valid_to = {changed} WHERE ' + (drawn.format(of=_GONE, rest=1))


def _chosen(columns: Sequence[str], instead: Mapping[str, str]) -> str:
    return ", ".join(instead.get(column, f'"{column}"') for column in columns)
