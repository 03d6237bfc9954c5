"""How far the oldest transaction that is not frozen lies back: at two thousand million PostgreSQL stops."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Severity, Sight
from shared.core.text import Text

# https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-WRAPAROUND
_STOPS = 2_146_483_647
_SHARE, _BAD_SHARE = 0.25, 0.5

_AGES = text("""
    SELECT datname AS name, age(datfrozenxid) AS transactions, mxid_age(datminmxid) AS multixacts
    FROM pg_database WHERE datallowconn ORDER BY greatest(age(datfrozenxid), mxid_age(datminmxid)) DESC
""")


def severity_of(age: int) -> Severity | None:
    """Return how bad an age is; None for what autovacuum deals with (it begins at 200 million)."""
    share = age / _STOPS
    if share < _SHARE:
        return None
    return "critical" if share >= _BAD_SHARE else "warning"


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_AGES).all()
    findings = []
    for row in rows:
        age = max(row.transactions, row.multixacts)
        severity = severity_of(age)
        if severity is not None:
            facts = {"age": age, "percent": round(100 * age / _STOPS, 1)}
            findings.append(
                Finding(
                    severity=severity, object=row.name, figure=age, unit="transactions", facts=facts
                )
            )
    figures = {
        "transactions": max(row.transactions for row in rows),
        "multixacts": max(row.multixacts for row in rows),
        "stopsAt": _STOPS,
    }
    return Seen(findings=findings, figures=figures)


CHECK = Check(
    title=Text("Wraparound", "トランザクション ID の周回"),
    why=Text(
        "The oldest transaction of the database {object} lies {age} back, {percent} % of the way to where "
        "PostgreSQL takes no more writes.",
        "データベース {object} の最古のトランザクションは {age} 個前で、PostgreSQL が書き込みを停止する限度の "
        "{percent} % に達しています。",
    ),
    helps=Text(
        "Find what keeps autovacuum from freezing: a long transaction, a prepared one, a forgotten slot. "
        "Then as the owner VACUUM (FREEZE) of the oldest tables.",
        "自動バキュームの凍結を妨げている長時間トランザクション、準備済みトランザクション、放置されたスロットを"
        "解消し、所有者として最も古いテーブルに VACUUM (FREEZE) を実行してください。",
    ),
    look=_look,
)
