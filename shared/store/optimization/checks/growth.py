"""How large tables and indexes are, and which table has grown fast over the last week."""

from datetime import timedelta

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Measured, Seen, Sight
from shared.core.text import Text

_WEEK, _DAY = timedelta(days=7), timedelta(days=1)
_LEAST, _MUCH, _FACTOR, _MOST = 16 << 20, 1 << 30, 2.0, 20

# Partitions count with their table, and TOAST with the heap.
_SIZES = text("""
    SELECT format('%I.%I', n.nspname, c.relname) AS name, t.heap, t.indexes
    FROM (
        SELECT coalesce(pg_partition_root(relid), relid) AS top,
            sum(pg_table_size(relid))::bigint AS heap, sum(pg_indexes_size(relid))::bigint AS indexes
        FROM pg_stat_user_tables GROUP BY 1
    ) AS t JOIN pg_class c ON c.oid = t.top JOIN pg_namespace n ON n.oid = c.relnamespace
    ORDER BY t.heap + t.indexes DESC, name
""")
_WHOLE = text("SELECT pg_database_size(current_database())")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_SIZES).all()
    whole = sight.connection.execute(_WHOLE).scalar_one()
    measures = {row.name: float(row.heap + row.indexes) for row in rows}
    before = _before(sight)
    figures: dict[str, str | int | float] = {
        "bytes": whole,
        "tableBytes": float(sum(row.heap for row in rows)),
        "indexBytes": float(sum(row.indexes for row in rows)),
        "largest": ", ".join(f"{r.name} {_mb(r.heap + r.indexes)} MB" for r in rows[:5]),
    }
    measures["database"] = float(whole)
    if before is None:
        return Seen(figures=figures, measures=measures)
    days = (sight.now - before.at) / _DAY
    figures["grownBytes"] = whole - before.measures.get("database", whole)
    figures["overDays"] = round(days, 1)
    grown = [
        _grown(name, now - was, now, days)
        for name, now in measures.items()
        if (was := before.measures.get(name)) is not None
        and now - was >= _LEAST
        and now >= _FACTOR * was
    ]
    grown.sort(key=lambda finding: (-finding.figure, finding.object))
    return Seen(findings=grown[:_MOST], figures=figures, measures=measures)


def _before(sight: Sight[Connection]) -> Measured | None:
    """Return the look of a week ago, else the oldest one that is a day old at least."""
    old = [one for one in sight.earlier if sight.now - one.at >= _DAY]
    return min(old, key=lambda one: abs(sight.now - one.at - _WEEK), default=None)


def _grown(name: str, more: float, now: float, days: float) -> Finding:
    return Finding(
        severity="warning" if more >= _MUCH else "notice",
        object=name,
        figure=more,
        unit="bytes",
        facts={"grown": _mb(more), "now": _mb(now), "days": round(days, 1)},
    )


def _mb(size: float) -> float:
    return round(float(size) / 2**20, 1)


CHECK = Check(
    title=Text("Sizes and growth", "サイズと増加"),
    why=Text(
        "{object} has grown by {grown} MB to {now} MB in {days} days: it has doubled or more.",
        "{object} は {days} 日間で {grown} MB 増えて {now} MB となり、2 倍以上になりました。",
    ),
    helps=Text(
        "See whether a tenant was added or a source tells everything anew each time; shorten what is kept, "
        "or give the server a larger disk before it fills up.",
        "テナントの追加や、毎回すべてを新規として返すデータ元がないかを確認してください。保持期間を短くするか、"
        "満杯になる前にディスクを拡張してください。",
    ),
    look=_look,
)
