"""What the server has counted since the last look: deadlocks, temporary files, forced checkpoints, bad pages."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import Connection, text

from shared.core.database_check import Check, Finding, Seen, Severity, Sight, Unit
from shared.core.text import Text

# In a day: what is sorted on disk comes back with every question of its kind.
_MUCH_TEMP = 256 << 20
_MANY_FORCED = 10

_COUNTED = text("""
    SELECT deadlocks, temp_files, temp_bytes, coalesce(checksum_failures, 0) AS bad_pages,
        blks_hit, blks_read
    FROM pg_stat_database WHERE datname = current_database()
""")
# Where they are counted has changed with version 17.
_FORCED = text("SELECT num_timed AS timed, num_requested AS forced FROM pg_stat_checkpointer")
_FORCED_16 = text(
    "SELECT checkpoints_timed AS timed, checkpoints_req AS forced FROM pg_stat_bgwriter"
)


def _look(sight: Sight[Connection]) -> Seen:
    counted = sight.connection.execute(_COUNTED).one()._mapping
    points = _FORCED if sight.server >= 17 else _FORCED_16
    totals = {**counted, **sight.connection.execute(points).one()._mapping}
    measures = {name: float(value) for name, value in totals.items()}
    before = sight.earlier[0] if sight.earlier else None
    more = dict(measures)
    if before is not None:
        more = {name: _since(before.measures.get(name, now), now) for name, now in more.items()}
    read = more["blks_hit"] + more["blks_read"]
    since = before.at if before is not None else sight.since
    figures: dict[str, str | int | float] = {name: more[name] for name in measures}
    if read:
        figures["cacheHitShare"] = round(more["blks_hit"] / read, 4)
    figures["since"] = since.isoformat(timespec="seconds") if since else "-"
    hours = (sight.now - since) / timedelta(hours=1) if since else 24.0
    found = [
        _finding(name, severity, more[name], unit, str(figures["since"]))
        for name, unit, severity in _bad(more, max(1.0, hours))
    ]
    return Seen(findings=found, figures=figures, measures=measures)


def _since(before: float, now: float) -> float:
    """Return what was counted since; a counter that has gone back began anew."""
    return now - before if now >= before else now


def _bad(more: Mapping[str, float], hours: float) -> list[tuple[str, Unit, Severity]]:
    found: list[tuple[str, Unit, Severity]] = []
    if more["bad_pages"]:
        found.append(("bad_pages", "count", "critical"))
    if more["deadlocks"]:
        found.append(("deadlocks", "count", "warning"))
    if more["temp_bytes"] / hours * 24 >= _MUCH_TEMP:
        found.append(("temp_bytes", "bytes", "notice"))
    if more["forced"] >= _MANY_FORCED and more["forced"] > more["timed"]:
        found.append(("forced", "count", "notice"))
    return found


_NAMES = {
    "bad_pages": "checksum_failures",
    "deadlocks": "deadlocks",
    "temp_bytes": "temp_bytes",
    "forced": "requested checkpoints",
}


def _finding(name: str, severity: Severity, figure: float, unit: Unit, since: str) -> Finding:
    facts: dict[str, str | int | float] = {"number": round(figure), "since": since}
    return Finding(severity=severity, object=_NAMES[name], figure=figure, unit=unit, facts=facts)


CHECK = Check(
    title=Text("Counters of the server", "サーバーのカウンター"),
    why=Text(
        "{object}: {number} since {since}.",
        "{object}: {since} 以降 {number}。",
    ),
    helps=Text(
        "Deadlocks: the server's log names both statements. Temporary files: more work_mem, or a smaller "
        "sort. Requested checkpoints: a larger max_wal_size. Checksum failures: the disk is broken, "
        "restore from a backup.",
        "デッドロック: サーバーログで両方の SQL 文を確認。一時ファイル: work_mem を増やすか並べ替えを減らす。"
        "要求によるチェックポイント: max_wal_size を大きくする。チェックサムエラー: ディスク障害のため"
        "バックアップから復元。",
    ),
    look=_look,
)
