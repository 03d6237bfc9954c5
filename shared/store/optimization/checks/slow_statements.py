"""Statements that take long: what pg_stat_statements has of the application's own, without values."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text
from shared.store.optimization.extensions import schema_of
from shared.store.optimization.without_values import without_values

# A page of a report has ten seconds in all; a statement that takes one on average is felt.
_SLOW_MS, _NOTICED_MS = 1000, 250
_LEAST_CALLS, _MOST = 3, 20

# Of another role's statements PostgreSQL tells us no text, and may not: they may hold secrets.
_SLOWEST = """
    SELECT queryid::text AS id, query, calls, total_exec_time AS total, mean_exec_time AS mean,
        max_exec_time AS longest, rows, temp_blks_written AS spilt,
        sum(total_exec_time) OVER () AS all_time
    FROM {schema}.pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND userid = (SELECT oid FROM pg_roles WHERE rolname = current_user)
    ORDER BY total_exec_time DESC
"""
_SINCE = "SELECT stats_reset FROM {schema}.pg_stat_statements_info"
_TRACKED = text("SELECT current_setting('pg_stat_statements.track', true)")


def _look(sight: Sight[Connection]) -> Seen:
    schema = schema_of(sight.connection, "pg_stat_statements")
    if schema is None:
        return Seen(unknown="not_installed")
    tracked = sight.connection.execute(_TRACKED).scalar_one()
    if tracked is None:
        return Seen(unknown="not_loaded")
    if tracked == "none":
        return Seen(unknown="switched_off")
    since = sight.connection.execute(text(_SINCE.format(schema=schema))).scalar_one()
    rows = sight.connection.execute(text(_SLOWEST.format(schema=schema))).all()
    slow = [row for row in rows if row.mean >= _NOTICED_MS and row.calls >= _LEAST_CALLS]
    findings = [
        Finding(
            severity="warning" if row.mean >= _SLOW_MS else "notice",
            object=f"statement {row.id}",
            figure=round(row.mean, 1),
            unit="ms",
            facts={
                "statement": without_values(row.query),
                "calls": row.calls,
                "meanMs": round(row.mean, 1),
                "longestMs": round(row.longest, 1),
                "percent": round(100 * row.total / row.all_time, 1) if row.all_time else 0,
                "rowsPerCall": round(row.rows / row.calls, 1),
                "spiltBlocks": row.spilt,
            },
        )
        for row in slow[:_MOST]
    ]
    kept = {"since": since.isoformat()} if since else {}
    return Seen(findings=findings, figures={"statements": len(rows), "slow": len(slow), **kept})


CHECK = Check(
    title=Text("Slow statements", "遅い SQL 文"),
    why=Text(
        "It took {meanMs} ms on average over {calls} calls (longest {longestMs} ms), {percent} % of the "
        "time of all statements: {statement}",
        "{calls} 回の実行で平均 {meanMs} ms (最長 {longestMs} ms)、全 SQL 文の実行時間の {percent} % を"
        "占めています: {statement}",
    ),
    helps=Text(
        "Look at its plan (EXPLAIN) as the application's role, with a tenant set: a missing index, stale "
        "statistics or too little work_mem ({spiltBlocks} blocks spilt to disk) are the usual causes.",
        "アプリケーションのロールでテナントを設定し、実行計画 (EXPLAIN) を確認してください。主な原因は"
        "インデックスの不足、古い統計情報、work_mem の不足 (ディスクへの書き出し {spiltBlocks} ブロック) です。",
    ),
    look=_look,
    unknowns={
        "not_installed": Text(
            "The extension pg_stat_statements is not installed in this database.",
            "このデータベースには拡張機能 pg_stat_statements がインストールされていません。",
        ),
        "not_loaded": Text(
            "The server does not load pg_stat_statements (shared_preload_libraries).",
            "サーバーが pg_stat_statements を読み込んでいません (shared_preload_libraries)。",
        ),
        "switched_off": Text(
            "The server does not track statements (pg_stat_statements.track is none).",
            "サーバーが SQL 文を記録していません (pg_stat_statements.track が none)。",
        ),
    },
)
