"""Tables that are mostly empty room: what VACUUM cleared and gave to nobody."""

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Sight
from shared.core.text import Text
from shared.store.optimization.extensions import schema_of

# Only pages that are not known to be all visible are read: but of a table never vacuumed, all.
_MOST_BYTES, _LEAST_BYTES, _MOST = 1 << 30, 8 << 20, 20
_SHARE, _BAD_SHARE = 0.3, 0.6

# pg_stats is no way: under row-level security it tells this role nothing, and it holds values of rows.
# The function runs as the owner and gives two numbers (schema/migrations).
_ROOM = text("""
    WITH big AS (
        SELECT relid, format('%I.%I', schemaname, relname) AS name, pg_relation_size(relid) AS bytes
        FROM pg_stat_user_tables WHERE pg_relation_size(relid) >= :least
            AND schemaname IN ('kanri', 'data', 'data_parts')
    ), chosen AS (
        SELECT *, sum(bytes) OVER (ORDER BY bytes DESC, name) AS so_far FROM big
    )
    SELECT c.name, c.bytes, r.free_share FROM chosen c, kanri.table_room(c.relid) r
    WHERE c.so_far <= :most OR c.so_far = c.bytes ORDER BY c.bytes * r.free_share DESC, c.name
""")


def _look(sight: Sight[Connection]) -> Seen:
    if schema_of(sight.connection, "pgstattuple") is None:
        return Seen(unknown="not_installed")
    given = {"least": _LEAST_BYTES, "most": _MOST_BYTES}
    rows = sight.connection.execute(_ROOM, given).all()
    bloated = [row for row in rows if row.free_share >= _SHARE]
    findings = [
        Finding(
            severity="warning" if row.free_share >= _BAD_SHARE else "notice",
            object=row.name,
            figure=round(row.bytes * row.free_share),
            unit="bytes",
            facts={
                "megabytes": round(row.bytes * row.free_share / 2**20, 1),
                "percent": round(100 * row.free_share, 1),
            },
        )
        for row in bloated[:_MOST]
    ]
    return Seen(findings=findings, figures={"looked": len(rows), "bloated": len(bloated)})


CHECK = Check(
    title=Text("Bloat", "肥大化"),
    why=Text(
        "{percent} % of {object} is empty ({megabytes} MB): it stays on disk, in backups and in what a "
        "scan reads.",
        "{object} の {percent} % ({megabytes} MB) が空き領域で、ディスク、バックアップ、走査の負荷に残ります。",
    ),
    helps=Text(
        "New rows fill it again. If that takes long, give it back in a quiet hour as the owner: pg_repack, "
        "or VACUUM FULL, which locks the table. Kanri never does either.",
        "空き領域は新しい行で再利用されます。時間がかかる場合は、所有者として業務時間外に pg_repack または "
        "(テーブルをロックする) VACUUM FULL で返却してください。Kanri はどちらも実行しません。",
    ),
    look=_look,
    unknowns={
        "not_installed": Text(
            "The extension pgstattuple is not installed in this database.",
            "このデータベースには拡張機能 pgstattuple がインストールされていません。",
        ),
    },
)
