"""Partitions of events: those of the months ahead must be there, and nothing should lie outside of them."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text
from shared.store.schema.partitions import months_ahead

# The monthly ones are named by `kanri.ensure_partitions`.
_PARTITIONS = text("""
    SELECT format('%I.%I', n.nspname, p.relname) AS name, p.relname AS dataset,
        array_agg(c.relname::text) AS parts,
        coalesce(sum(s.n_live_tup) FILTER (WHERE c.relname = p.relname || '_default'), 0) AS outside
    FROM pg_class p JOIN pg_namespace n ON n.oid = p.relnamespace
        JOIN pg_inherits h ON h.inhparent = p.oid JOIN pg_class c ON c.oid = h.inhrelid
        LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
    WHERE p.relkind = 'p' AND n.nspname = 'data' GROUP BY 1, 2 ORDER BY 1
""")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_PARTITIONS).all()
    wanted = [day.strftime("%Y_%m") for day in months_ahead(sight.now)]
    findings = []
    for row in rows:
        missing = [month for month in wanted if f"{row.dataset}_{month}" not in row.parts]
        if missing:
            findings.append(
                Finding(
                    severity="critical" if wanted[0] in missing else "warning",
                    object=row.name,
                    figure=len(missing),
                    unit="count",
                    facts={"missing": ", ".join(missing), "outside": int(row.outside)},
                )
            )
        elif row.outside:
            findings.append(
                Finding(
                    severity="notice",
                    object=row.name,
                    figure=float(row.outside),
                    unit="rows",
                    facts={"missing": "-", "outside": int(row.outside)},
                )
            )
    months = [len(row.parts) - 1 for row in rows]
    return Seen(findings=findings, figures={"tables": len(rows), "partitions": sum(months)})


CHECK = Check(
    title=Text("Partitions", "パーティション"),
    why=Text(
        "{object} lacks the partitions of: {missing}. {outside} rows lie in the default partition, where "
        "no month can be told from another.",
        "{object} には次の月のパーティションがありません: {missing}。既定のパーティションに {outside} 行あり、"
        "月ごとに扱えません。",
    ),
    helps=Text(
        "The nightly upkeep makes those of this month and the two that follow: see why it did not run. "
        "Rows outside are of more than ten years ago or of a clock far off.",
        "夜間の保守処理が当月と翌 2 か月分を作成します。実行されなかった理由を確認してください。範囲外の行は "
        "10 年以上前のものか、時刻が大きくずれたものです。",
    ),
    look=_look,
)
