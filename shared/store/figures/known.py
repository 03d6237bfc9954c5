"""How far back, and up to when, there is anything that figures are counted from, for some tenants."""

from collections.abc import Collection
from datetime import datetime
from typing import LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import Engine

from shared.core.window import Window
from shared.core.work import DEPLOYMENT
from shared.store.session.sessions import ask_as_operator

_OF_TENANTS: LiteralString = """
    SELECT min(first.at) AS since, max(newest.at) AS newest, coalesce(sum(counted.entries), 0)::bigint AS entries
    FROM unnest(%(tenants)s::uuid[]) AS asked (tenant_id)
    LEFT JOIN LATERAL (
        SELECT {at} AS at FROM {table} AS t WHERE t.tenant_id = asked.tenant_id
        ORDER BY {at} LIMIT 1
    ) AS first ON true
    LEFT JOIN LATERAL (
        SELECT {at} AS at FROM {table} AS t WHERE t.tenant_id = asked.tenant_id AND {at} < %(ends)s
        ORDER BY {at} DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
        SELECT count(*) AS entries FROM {table} AS t
        WHERE t.tenant_id = asked.tenant_id AND {at} >= %(begins)s AND {at} < %(ends)s
    ) AS counted ON true
"""
_LETTERS: LiteralString = """
    SELECT min(received_at) AS since, max(received_at) FILTER (WHERE received_at < %(ends)s) AS newest,
        count(*) FILTER (WHERE received_at >= %(begins)s AND received_at < %(ends)s) AS entries
    FROM kanri.dead_letters WHERE %(deployment)s = ANY(%(tenants)s::uuid[])
"""
_KNOWN: dict[str, LiteralString] = {
    "ledger": _OF_TENANTS.replace("{table}", "kanri.ledger").replace("{at}", "t.finished_at"),
    "audit_events": _OF_TENANTS.replace("{table}", "kanri.audit_events").replace("{at}", "t.at"),
    "dead_letters": _LETTERS,
}


class Known(NamedTuple):
    """The first and the newest entry there is, None without any, and how many lie in the window."""

    since: datetime | None
    newest: datetime | None
    entries: int


def known_of(engine: Engine, source: str, window: Window, tenants: Collection[UUID]) -> Known:
    """Return what there is of `source` (a table of ours) for the tenants. Raises StoreUnavailable."""
    values = {
        "tenants": list(tenants),
        "begins": window.begins,
        "ends": window.ends,
        "deployment": DEPLOYMENT,
    }
    [row] = ask_as_operator(engine, _KNOWN[source], values)
    return Known(row.since, row.newest, row.entries)
