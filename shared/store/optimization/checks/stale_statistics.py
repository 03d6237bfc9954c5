"""Tables whose statistics are old against what has changed: the planner goes by what is no longer so."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text

_MOST = 20
_LEAST, _SHARE = 1000, 0.2

# Autovacuum never analyses a partitioned table as a whole, only its partitions: what it knows of the
# whole is as old as the last ANALYZE that somebody ran. That comes to the partitions a little later.
_CHANGED = text("""
    SELECT format('%I.%I', t.schemaname, t.relname) AS name, c.relkind = 'p' AS whole,
        CASE WHEN c.relkind = 'p' THEN parts.live ELSE t.n_live_tup END AS live,
        CASE WHEN c.relkind = 'p' THEN parts.changed ELSE t.n_mod_since_analyze END AS changed,
        greatest(t.last_analyze, t.last_autoanalyze) AS analysed
    FROM pg_stat_user_tables t JOIN pg_class c ON c.oid = t.relid
    LEFT JOIN LATERAL (
        SELECT sum(p.n_live_tup)::bigint AS live,
            sum(CASE WHEN t.last_analyze IS NULL THEN p.n_live_tup
                WHEN greatest(p.last_analyze, p.last_autoanalyze)
                    > t.last_analyze + interval '1 hour'
                THEN p.n_live_tup ELSE p.n_mod_since_analyze END)::bigint AS changed
        FROM pg_partition_tree(t.relid) f JOIN pg_stat_user_tables p ON p.relid = f.relid
        WHERE f.isleaf
    ) AS parts ON c.relkind = 'p'
    ORDER BY 4 DESC NULLS LAST, 1
""")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_CHANGED).all()
    stale = [
        row
        for row in rows
        if (row.live or 0) >= _LEAST
        and (row.analysed is None or (row.changed or 0) >= max(_LEAST, _SHARE * row.live))
    ]
    findings = []
    for row in stale[:_MOST]:
        share = float(row.changed or 0) / float(row.live)
        analysed = row.analysed.isoformat(timespec="seconds") if row.analysed else "-"
        facts = {"changed": int(row.changed or 0), "rows": int(row.live), "analysed": analysed}
        findings.append(
            Finding(
                severity="warning",
                object=row.name,
                figure=round(share, 3),
                unit="share",
                facts=facts,
                remedy="analyze",
            )
        )
    return Seen(findings=findings, figures={"tables": len(stale)})


CHECK = Check(
    title=Text("Old statistics", "古い統計情報"),
    why=Text(
        "{changed} rows of {object} (of {rows}) have changed since its statistics were made ({analysed}): "
        "plans may be bad.",
        "{object} ({rows} 行) では統計情報の作成 ({analysed}) 以降に {changed} 行が変更されており、"
        "不適切な実行計画が選ばれる可能性があります。",
    ),
    helps=Text(
        "ANALYZE. If it comes back, let autovacuum analyse earlier: as the owner ALTER TABLE {object} SET "
        "(autovacuum_analyze_scale_factor = 0.02); of a partitioned table only a run like this one does it.",
        "ANALYZE を実行します。繰り返す場合は所有者として ALTER TABLE {object} SET "
        "(autovacuum_analyze_scale_factor = 0.02) を実行してください。パーティションテーブル全体の統計は"
        "この処理でのみ更新されます。",
    ),
    look=_look,
)
