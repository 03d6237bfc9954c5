"""Foreign keys without an index on their side: deleting what they point to reads the whole table."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text

_MOST, _MANY_ROWS = 20, 10_000

# An index serves if the key's columns are its first ones, in whatever order.
_KEYS = text("""
    SELECT format('%I.%I', n.nspname, c.relname) AS name, k.conname AS key,
        greatest(c.reltuples, 0)::float8 AS rows
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT EXISTS (
        SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indisvalid AND i.indpred IS NULL
            AND k.conkey @> (i.indkey::smallint[])[0:cardinality(k.conkey) - 1]
            AND k.conkey <@ (i.indkey::smallint[])[0:cardinality(k.conkey) - 1]
    )
    ORDER BY rows DESC, name, key
""")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_KEYS).all()
    findings = [
        Finding(
            severity="warning" if row.rows >= _MANY_ROWS else "notice",
            object=row.name,
            figure=row.rows,
            unit="rows",
            facts={"key": row.key, "rows": round(row.rows)},
        )
        for row in rows[:_MOST]
    ]
    return Seen(findings=findings, figures={"keys": len(rows)})


CHECK = Check(
    title=Text("Foreign keys without an index", "インデックスのない外部キー"),
    why=Text(
        "Each deletion of what {key} points to reads {object} ({rows} rows) from end to end.",
        "{key} の参照先を削除するたびに {object} ({rows} 行) が全件走査されます。",
    ),
    helps=Text(
        "Declare an index that begins with the columns of {key}.",
        "{key} の列で始まるインデックスを宣言してください。",
    ),
    look=_look,
)
