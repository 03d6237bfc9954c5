"""How many of the server's connections are in use, and by which application."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Severity, Sight
from shared.core.text import Text

_SHARE, _BAD_SHARE, _NAMED = 0.8, 0.95, 5

# What is kept back for superusers is not ours to use. `numbackends` counts whoever they are.
_USE = text("""
    SELECT (SELECT sum(numbackends) FROM pg_stat_database) AS used,
        current_setting('max_connections')::int
            - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true), '0')::int AS most
""")
# Of other roles' sessions PostgreSQL tells us that they are there, not what they do.
_SESSIONS = text("""
    SELECT coalesce(nullif(application_name, ''), '?') AS application, count(*) AS sessions,
        count(*) FILTER (WHERE state = 'active') AS active,
        count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS waiting,
        count(*) FILTER (WHERE state IS NULL) AS hidden
    FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datid IS NOT NULL
    GROUP BY 1 ORDER BY 2 DESC, 1
""")


def _look(sight: Sight[Connection]) -> Seen:
    use = sight.connection.execute(_USE).one()
    rows = sight.connection.execute(_SESSIONS).all()
    used, most = int(use.used), int(use.most)
    by = ", ".join(f"{row.application} {row.sessions}" for row in rows[:_NAMED])
    figures = {
        "used": used,
        "most": most,
        "active": sum(row.active for row in rows),
        "idleInTransaction": sum(row.waiting for row in rows),
        "hidden": sum(row.hidden for row in rows),
        "byApplication": by,
    }
    return Seen(findings=judged(used, most, by), figures=figures)


def judged(used: int, most: int, by: str) -> list[Finding]:
    """Return what is to be said of so many connections in use, of `most`, by whom."""
    share = used / max(1, most)
    if share < _SHARE:
        return []
    facts: dict[str, str | int | float] = {"used": used, "most": most, "byApplication": by}
    severity: Severity = "critical" if share >= _BAD_SHARE else "warning"
    return [
        Finding(
            severity=severity,
            object="max_connections",
            figure=round(share, 3),
            unit="share",
            facts=facts,
        )
    ]


CHECK = Check(
    title=Text("Connections", "接続数"),
    why=Text(
        "{used} of {most} connections are in use ({byApplication}): at the limit the next worker is "
        "refused.",
        "{most} 本のうち {used} 本の接続が使用中です ({byApplication})。上限に達すると次のワーカーは接続を"
        "拒否されます。",
    ),
    helps=Text(
        "Fewer instances at most (maximumInstances), a smaller KANRI_POOL_SIZE, or a larger server; see "
        "docs/deploy.md. End what is not Kanri's and does not belong here.",
        "最大インスタンス数 (maximumInstances) や KANRI_POOL_SIZE を減らすか、サーバーを大きくしてください "
        "(docs/deploy.md)。Kanri 以外の不要な接続は終了してください。",
    ),
    look=_look,
)
