"""Has every check look at the database: each in a transaction of its own, none for long."""

from collections.abc import Collection, Sequence
from datetime import datetime

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from shared.core.database_check import CHECKS, AnyCheck, Measured, Seen, Sight
from shared.core.errors import StoreUnavailable
from shared.core.logs import log
from shared.core.registry import of
from shared.store.optimization.records import CheckSeen, Look
from shared.store.optimization.runs import EarlierLook
from shared.store.session.sessions import operator_session

_SOON = text("SET LOCAL statement_timeout = '15s'; SET LOCAL lock_timeout = '1s'")

# PostgreSQL says when counters were reset, not when they were lost in a crash, nor when they began.
_SERVER = text("""
    SELECT current_setting('server_version_num')::int / 10000 AS server, stats_reset, xact_commit
    FROM pg_stat_database WHERE datname = current_database()
""")


def look(
    engine: Engine,
    now: datetime,
    earlier: Sequence[EarlierLook],
    wanted: Collection[str] | None = None,
) -> Look:
    """Return what every check sees now, or the `wanted` ones. StoreUnavailable if the server is away."""
    with operator_session(engine) as connection:
        server = connection.execute(_SERVER).one()
    since = server.stats_reset or _known_since(earlier, server.xact_commit)
    checks = []
    for name in of(CHECKS) if wanted is None else sorted(wanted):
        check = of(CHECKS)[name]
        samples = [one.of(name) for one in earlier]
        seen = _seen(engine, check, server.server, now, since, samples)
        checks.append(seen)
    return Look(
        at=now, server=server.server, since=since, commits=server.xact_commit, checks=checks
    )


def _known_since(earlier: Sequence[EarlierLook], commits: int) -> datetime | None:
    """Return the earliest look since which no counter has gone back; None if there is none."""
    since = None
    for one in earlier:
        if one.commits > commits:
            break
        since, commits = one.at, one.commits
    return since


def _seen(
    engine: Engine,
    check: AnyCheck,
    server: int,
    now: datetime,
    since: datetime | None,
    earlier: Sequence[Measured],
) -> CheckSeen:
    try:
        with operator_session(engine) as connection:
            connection.execute(_SOON)
            sight = Sight(
                connection=connection, server=server, now=now, since=since, earlier=earlier
            )
            seen = check.look(sight)
    except StoreUnavailable as error:
        waited = error.params.get("reason") == psycopg.errors.LockNotAvailable.sqlstate
        if error.code != "store_slow" and not waited:
            raise
        seen = Seen(unknown="too_slow")
    except DBAPIError as error:
        # What a server does not know is no reason to know nothing of the rest.
        denied = isinstance(error.orig, psycopg.errors.InsufficientPrivilege)
        log("check_not_seen", check=check.check, cause=type(error.orig).__name__)
        seen = Seen(unknown="denied" if denied else "unsupported")
    return CheckSeen(
        check=check.check,
        unknown=seen.unknown,
        figures=seen.figures,
        findings=seen.findings,
        measures=seen.measures,
    )
