"""Request budgets shared by all workers: who may send when, decided by one statement in the database.

The generic cell rate algorithm keeps one instant per budget, `spent_until`: the time at which all
that was reserved would be paid for at the steady rate. A request may go once that instant is no
more than a full burst away. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from uuid import UUID

from sqlalchemy import Column, Engine, Table, Text, Uuid

from shared.core.clock import ahead
from shared.store.schema.metadata import INSTANT, METADATA, when_made
from shared.store.session.sessions import ask_as_tenant

BUDGETS = Table(
    "budgets",
    METADATA,
    Column("app", Text, primary_key=True),
    Column("tenant_id", Uuid, primary_key=True),
    Column("service", Text, primary_key=True),
    Column("spent_until", INSTANT, nullable=False),
    Column("blocked_until", INSTANT, nullable=False),
)
# Rewritten by every request, in place.
when_made(BUDGETS, "SET (fillfactor = 20)")

# The database's clock, which all workers share, moved with ours (core.clock).
_NOW = "(statement_timestamp() + make_interval(secs => CAST(%(ahead)s AS float8)))"

# After a penalty nothing may burst: the budget comes back empty and fills at its rate.
# An order of more than a burst (a batch) waits until all before it is paid for, and as long again as its
# surplus takes: in no stretch of time do such orders come to more than the rate and one burst.
_SPENT = f"""
    greatest(b.spent_until + make_interval(secs => CAST(%(surplus)s AS float8)), CASE
        WHEN b.blocked_until > {_NOW}
            THEN b.blocked_until + make_interval(secs => CAST(%(burst)s AS float8))
        ELSE {_NOW} END) + make_interval(secs => CAST(%(cost)s AS float8))
"""
_WAIT = f"""
    greatest(0, extract(epoch FROM
        {{spent}} - make_interval(secs => CAST(%(burst)s AS float8)) - {_NOW}))
"""

_RESERVE = f"""
    INSERT INTO kanri.budgets AS b (app, tenant_id, service, spent_until, blocked_until)
    VALUES (%(app)s, %(tenant)s, %(service)s,
        {_NOW} + make_interval(secs => CAST(%(cost)s AS float8)), '-infinity')
    ON CONFLICT (app, tenant_id, service) DO UPDATE SET spent_until = {_SPENT}
        WHERE {_WAIT.format(spent=_SPENT)} <= %(max_wait)s
    RETURNING {_WAIT.format(spent="b.spent_until")} AS wait
"""  # noqa: S608

_LOOK = f"""
    SELECT {_WAIT.format(spent=_SPENT)} AS wait FROM kanri.budgets b
    WHERE app = %(app)s AND tenant_id = %(tenant)s AND service = %(service)s
"""  # noqa: S608

_BLOCKED = f"""
    SELECT blocked_until > {_NOW} AS blocked FROM kanri.budgets
    WHERE app = %(app)s AND tenant_id = %(tenant)s AND service = %(service)s
"""  # noqa: S608

_USERS = """
    SELECT rows FROM kanri.work_state
    WHERE tenant_id = %(tenant)s AND kind = 'collect' AND subject = 'users'
        AND complete_at IS NOT NULL
"""

_PENALIZE = f"""
    INSERT INTO kanri.budgets AS b (app, tenant_id, service, spent_until, blocked_until)
    VALUES (%(app)s, %(tenant)s, %(service)s, {_NOW},
        {_NOW} + make_interval(secs => CAST(%(seconds)s AS float8)))
    ON CONFLICT (app, tenant_id, service) DO UPDATE
        SET blocked_until = greatest(b.blocked_until, excluded.blocked_until)
    RETURNING b.blocked_until
"""  # noqa: S608


class Budgets:
    """The budgets of every app, tenant and throttling service."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def reserve(
        self,
        app: str,
        tenant_id: UUID,
        service: str,
        *,
        rate: float,
        capacity: float,
        cost: float,
        max_wait: float,
    ) -> float:
        """Reserve `cost` units and return the seconds to wait before spending them, 0 for none.

        The budget refills at `rate` units a second up to `capacity`. Reservations are served in the
        order they were made. If the wait would exceed `max_wait` seconds nothing is reserved and
        the wait comes back negative.
        """
        values = {
            "app": app,
            "service": service,
            "cost": cost / rate,
            # One unit may always go: a capacity below the cost would never let it.
            "burst": max(capacity, cost) / rate,
            "surplus": max(cost - capacity, 0) / rate,
            "max_wait": max_wait,
            "ahead": ahead().total_seconds(),
        }
        # A budget lost in a crash costs a few early requests, a wait for the disk costs every one.
        granted = ask_as_tenant(self._engine, tenant_id, _RESERVE, values, durable=False)
        if granted:
            return float(granted[0].wait)
        [refused] = ask_as_tenant(self._engine, tenant_id, _LOOK, values)
        return -float(refused.wait)

    def blocked(self, app: str, tenant_id: UUID, service: str) -> bool:
        """Tell whether a penalty of this budget is running."""
        values = {"app": app, "service": service, "ahead": ahead().total_seconds()}
        found = ask_as_tenant(self._engine, tenant_id, _BLOCKED, values)
        return any(budget.blocked for budget in found)

    def penalize(self, app: str, tenant_id: UUID, service: str, seconds: float) -> None:
        """Let nobody spend this budget for `seconds` (a Retry-After)."""
        moved = ahead().total_seconds()
        values = {"app": app, "service": service, "seconds": seconds, "ahead": moved}
        ask_as_tenant(self._engine, tenant_id, _PENALIZE, values)

    def users(self, tenant_id: UUID) -> int | None:
        """Return how many users the tenant has; None before they were read to the end once."""
        found = ask_as_tenant(self._engine, tenant_id, _USERS, {})
        return int(found[0].rows) if found else None
