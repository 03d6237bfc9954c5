"""Transactions that have been open for long, prepared ones and forgotten replication slots included."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text

_SECONDS, _BAD_SECONDS, _MOST = 900, 3600, 20

# A slot has no beginning that is told: it counts by the transactions that it holds back.
_OPEN = text("""
    SELECT 'pid ' || pid AS name, coalesce(nullif(application_name, ''), '?') AS whose,
        extract(epoch FROM CAST(:now AS timestamptz) - xact_start)::float8 AS seconds
    FROM pg_stat_activity
    WHERE datname = current_database() AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
    UNION ALL
    SELECT 'prepared ' || gid, owner::text,
        extract(epoch FROM CAST(:now AS timestamptz) - prepared)::float8
    FROM pg_prepared_xacts WHERE database = current_database()
    ORDER BY 3 DESC, 1
""")
_HIDDEN = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usesysid IS NOT NULL AND state IS NULL
""")
_SLOTS = text("""
    SELECT slot_name AS name, greatest(age(xmin), age(catalog_xmin)) AS held
    FROM pg_replication_slots WHERE NOT active AND (xmin IS NOT NULL OR catalog_xmin IS NOT NULL)
    ORDER BY 2 DESC, 1
""")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_OPEN, {"now": sight.now}).all()
    slots = sight.connection.execute(_SLOTS).all()
    long = [row for row in rows if row.seconds >= _SECONDS]
    findings = [
        Finding(
            severity="critical" if row.seconds >= _BAD_SECONDS else "warning",
            object=row.name,
            figure=round(row.seconds),
            unit="seconds",
            facts={"whose": row.whose, "open": f"{round(row.seconds)} s"},
        )
        for row in long[:_MOST]
    ]
    findings += [
        Finding(
            severity="warning",
            object=f"slot {slot.name}",
            figure=slot.held,
            unit="transactions",
            facts={"whose": "-", "open": f"{slot.held} transactions"},
        )
        for slot in slots[:_MOST]
    ]
    figures = {
        "open": len(rows),
        "longestSeconds": round(max((row.seconds for row in rows), default=0.0), 1),
        "hidden": sight.connection.execute(_HIDDEN).scalar_one(),
    }
    return Seen(findings=findings, figures=figures)


CHECK = Check(
    title=Text("Long transactions", "長時間のトランザクション"),
    why=Text(
        "{object} ({whose}) has been open for {open}: VACUUM clears no row that it might still see.",
        "{object} ({whose}) が {open} 開いたままです。そのトランザクションから見える行は VACUUM で"
        "回収されません。",
    ),
    helps=Text(
        "End the session (pg_terminate_backend), ROLLBACK PREPARED, or drop the slot "
        "(pg_drop_replication_slot). What sessions of other roles do is not shown to Kanri's.",
        "セッションの終了 (pg_terminate_backend)、ROLLBACK PREPARED、またはスロットの削除 "
        "(pg_drop_replication_slot) を行ってください。他のロールのセッションの内容は Kanri には表示されません。",
    ),
    look=_look,
)
