"""Sessions that hold a transaction open and do nothing: they keep locks, and dead rows from being cleared."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text

_SECONDS, _BAD_SECONDS, _MOST = 60, 600, 20

# Only of sessions of our own role is it told what they do; the others are counted.
_IDLE = text("""
    SELECT pid, coalesce(nullif(application_name, ''), '?') AS application,
        extract(epoch FROM CAST(:now AS timestamptz) - state_change)::float8 AS seconds
    FROM pg_stat_activity
    WHERE datname = current_database() AND state LIKE 'idle in transaction%'
    ORDER BY 3 DESC, 1
""")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_IDLE, {"now": sight.now}).all()
    long = [row for row in rows if row.seconds >= _SECONDS]
    findings = [
        Finding(
            severity="critical" if row.seconds >= _BAD_SECONDS else "warning",
            object=f"pid {row.pid}",
            figure=round(row.seconds),
            unit="seconds",
            facts={"application": row.application, "seconds": round(row.seconds)},
        )
        for row in long[:_MOST]
    ]
    return Seen(findings=findings, figures={"sessions": len(rows), "long": len(long)})


CHECK = Check(
    title=Text("Idle in transaction", "トランザクション内の待機"),
    why=Text(
        "The session {object} ({application}) has held a transaction open for {seconds} s and does "
        "nothing: its locks stay, and VACUUM clears no row that it might still see.",
        "セッション {object} ({application}) が {seconds} 秒間、何もせずにトランザクションを開いたままです。"
        "ロックが残り、そのトランザクションから見える行は VACUUM で回収されません。",
    ),
    helps=Text(
        "Kanri's own sessions are ended by the server after two minutes. End it by pg_terminate_backend; "
        "if it comes back, its program forgets to commit.",
        "Kanri 自身のセッションは 2 分でサーバーが終了します。pg_terminate_backend で終了してください。"
        "繰り返す場合はプログラムのコミット漏れです。",
    ),
    look=_look,
)
