"""Tables in which much is dead: rows that were replaced or deleted, and not cleared away."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text

_MOST = 20
_LEAST, _SHARE, _BAD_SHARE, _BAD_ROWS = 1000, 0.1, 0.5, 1_000_000

_DEAD = text("""
    SELECT format('%I.%I', schemaname, relname) AS name, n_dead_tup AS dead, n_live_tup AS live,
        greatest(last_vacuum, last_autovacuum) AS cleared
    FROM pg_stat_user_tables ORDER BY n_dead_tup DESC, name
""")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_DEAD).all()
    many = [r for r in rows if r.dead >= _LEAST and r.dead >= _SHARE * (r.dead + r.live)]
    findings = []
    for row in many[:_MOST]:
        share = row.dead / (row.dead + row.live)
        bad = share >= _BAD_SHARE and row.dead >= _BAD_ROWS
        cleared = row.cleared.isoformat(timespec="seconds") if row.cleared else "-"
        facts = {"dead": row.dead, "percent": round(100 * share, 1), "cleared": cleared}
        findings.append(
            Finding(
                severity="critical" if bad else "warning",
                object=row.name,
                figure=round(share, 3),
                unit="share",
                facts=facts,
                remedy="vacuum",
            )
        )
    figures = {"tables": len(many), "deadRows": sum(row.dead for row in rows)}
    return Seen(findings=findings, figures=figures)


CHECK = Check(
    title=Text("Dead rows", "不要行"),
    why=Text(
        "{dead} rows of {object} are dead, {percent} % of it; every scan reads them too. Last cleared: "
        "{cleared}.",
        "{object} の {dead} 行 ({percent} %) が不要行で、走査のたびに読み取られます。前回の回収: {cleared}。",
    ),
    helps=Text(
        "VACUUM (ANALYZE). If they come back, let autovacuum come earlier: as the owner ALTER TABLE "
        "{object} SET (autovacuum_vacuum_scale_factor = 0.05). If VACUUM clears none, a transaction that "
        "has been open for long holds them.",
        "VACUUM (ANALYZE) を実行します。繰り返す場合は所有者として ALTER TABLE {object} SET "
        "(autovacuum_vacuum_scale_factor = 0.05) を実行し、自動バキュームを早めてください。回収されない"
        "場合は、長時間開いたままのトランザクションが原因です。",
    ),
    look=_look,
)
