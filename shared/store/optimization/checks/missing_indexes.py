"""Big tables that are often read from end to end: an index may be missing."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text

_MOST = 20

# Rows read by one scan say whether it went through the table or stopped early.
_SCANS = text("""
    SELECT format('%I.%I', n.nspname, c.relname) AS name, t.scans, t.by_index, t.read, t.live
    FROM (
        SELECT coalesce(pg_partition_root(relid), relid) AS top, sum(seq_scan)::float8 AS scans,
            sum(coalesce(idx_scan, 0))::float8 AS by_index, sum(seq_tup_read)::float8 AS read,
            sum(n_live_tup)::float8 AS live
        FROM pg_stat_user_tables GROUP BY 1
    ) AS t JOIN pg_class c ON c.oid = t.top JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE t.live >= 10000 AND t.scans >= 20 AND t.read / t.scans >= 5000
        AND t.scans >= 0.1 * (t.scans + t.by_index)
    ORDER BY t.read DESC, name
""")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_SCANS).all()
    findings = [
        Finding(
            severity="warning",
            object=row.name,
            figure=round(row.scans / (row.scans + row.by_index), 3),
            unit="share",
            facts={
                "scans": int(row.scans),
                "percent": round(100 * row.scans / (row.scans + row.by_index), 1),
                "rowsEach": round(row.read / row.scans),
                "rows": int(row.live),
                "days": round(sight.watched_days, 1),
            },
        )
        for row in rows[:_MOST]
    ]
    return Seen(findings=findings, figures={"tables": len(rows)})


CHECK = Check(
    title=Text("Missing indexes", "不足している可能性のあるインデックス"),
    why=Text(
        "{object} ({rows} rows) was read from end to end {scans} times, {percent} % of all its reads, "
        "{rowsEach} rows each time.",
        "{object} ({rows} 行) は {scans} 回全件走査されました。全読み取りの {percent} %、1 回あたり "
        "{rowsEach} 行です。",
    ),
    helps=Text(
        "Find the statement among the slow ones and look at its plan. A column that is searched gets its "
        "index from the declaration (search, counted); a full load and an export read everything rightly.",
        "遅い SQL 文から該当するものを探し、実行計画を確認してください。検索する列のインデックスは宣言 "
        "(search、counted) から作成されます。全件の読み込みやエクスポートによる走査は正常です。",
    ),
    look=_look,
)
