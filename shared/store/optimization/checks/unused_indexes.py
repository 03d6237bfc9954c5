"""Indexes that nothing has gone by since the counters began: each costs every write, and room."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text

_SMALL, _MOST = 1 << 20, 20
# A month holds whatever happens monthly; of less nobody can conclude.
_ENOUGH_DAYS = 30

# The parts of a partitioned index count together. A key or a constraint is needed whoever reads.
_INDEXES = text("""
    SELECT format('%I.%I', n.nspname, c.relname) AS name, i.scans, i.bytes
    FROM (
        SELECT coalesce(pg_partition_root(s.indexrelid), s.indexrelid) AS top,
            sum(s.idx_scan)::bigint AS scans,
            sum(pg_relation_size(s.indexrelid))::bigint AS bytes
        FROM pg_stat_user_indexes s JOIN pg_index x ON x.indexrelid = s.indexrelid
        WHERE NOT x.indisunique AND NOT x.indisprimary AND NOT x.indisexclusion AND x.indisvalid
            AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = s.indexrelid)
        GROUP BY 1
    ) AS i JOIN pg_class c ON c.oid = i.top JOIN pg_namespace n ON n.oid = c.relnamespace
    ORDER BY i.bytes DESC, name
""")


def _look(sight: Sight[Connection]) -> Seen:
    rows = sight.connection.execute(_INDEXES).all()
    unused = [row for row in rows if row.scans == 0 and row.bytes >= _SMALL]
    days = sight.watched_days
    findings = [
        Finding(
            severity="warning" if days >= _ENOUGH_DAYS else "notice",
            object=row.name,
            figure=float(row.bytes),
            unit="bytes",
            facts={"megabytes": round(row.bytes / 2**20, 1), "days": round(days, 1)},
        )
        for row in unused[:_MOST]
    ]
    figures = {
        "indexes": len(rows),
        "unused": len(unused),
        "bytes": float(sum(row.bytes for row in unused)),
        "watchedDays": round(days, 1),
    }
    return Seen(findings=findings, figures=figures)


CHECK = Check(
    title=Text("Unused indexes", "未使用のインデックス"),
    why=Text(
        "{object} takes {megabytes} MB and part of every write, and nothing has gone by it in the {days} "
        "days that are known. Reads on a replica are not counted here.",
        "{object} は {megabytes} MB を使用し書き込みのたびに更新されますが、把握できている {days} 日間に"
        "一度も使われていません。レプリカでの読み取りは含まれません。",
    ),
    helps=Text(
        "After at least a month, and once it is sure that no monthly question needs it: take it out of "
        "the declaration and DROP INDEX CONCURRENTLY as the owner. Kanri drops no index.",
        "1 か月以上経過し、月次の処理でも不要と確認できたら、宣言から外したうえで所有者として "
        "DROP INDEX CONCURRENTLY を実行してください。Kanri がインデックスを削除することはありません。",
    ),
    look=_look,
)
