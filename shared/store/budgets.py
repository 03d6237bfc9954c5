"""Request budgets shared by all workers: who may send when, decided by one statement in the database.

The generic cell rate algorithm keeps one instant per budget, `spent_until`: the time at which all
that was reserved would be paid for at the steady rate. A request may go once that instant is no more
than a full burst away. https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
"""

from uuid import UUID

from sqlalchemy import Engine, text

from shared.store.sessions import tenant_session

# A budget lost in a crash costs a few early requests, a wait for the disk costs every request.
_NO_WAIT_FOR_DISK = text("SET LOCAL synchronous_commit = off")

# After a penalty nothing may burst: the budget comes back empty and fills at its rate.
_SPENT = """
    greatest(b.spent_until, CASE
        WHEN b.blocked_until > statement_timestamp()
            THEN b.blocked_until + make_interval(secs => CAST(:burst AS float8))
        ELSE statement_timestamp() END) + make_interval(secs => CAST(:cost AS float8))
"""
_WAIT = """
    greatest(0, extract(epoch FROM
        {spent} - make_interval(secs => CAST(:burst AS float8)) - statement_timestamp()))
"""

_RESERVE = text(f"""
    INSERT INTO kanri.budgets AS b (app, tenant_id, service, spent_until, blocked_until)
    VALUES (:app, :tenant, :service,
        statement_timestamp() + make_interval(secs => CAST(:cost AS float8)), '-infinity')
    ON CONFLICT (app, tenant_id, service) DO UPDATE SET spent_until = {_SPENT}
        WHERE {_WAIT.format(spent=_SPENT)} <= :max_wait
    RETURNING {_WAIT.format(spent="b.spent_until")}
""")  # noqa: S608

_LOOK = text(f"""
    SELECT {_WAIT.format(spent=_SPENT)} FROM kanri.budgets b
    WHERE app = :app AND tenant_id = :tenant AND service = :service
""")  # noqa: S608

_BLOCKED = text("""
    SELECT blocked_until > statement_timestamp() FROM kanri.budgets
    WHERE app = :app AND tenant_id = :tenant AND service = :service
""")

_PENALIZE = text("""
    INSERT INTO kanri.budgets AS b (app, tenant_id, service, spent_until, blocked_until)
    VALUES (:app, :tenant, :service, statement_timestamp(),
        statement_timestamp() + make_interval(secs => CAST(:seconds AS float8)))
    ON CONFLICT (app, tenant_id, service) DO UPDATE
        SET blocked_until = greatest(b.blocked_until, excluded.blocked_until)
""")


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
        parameters = {
            "app": app,
            "tenant": tenant_id,
            "service": service,
            "cost": cost / rate,
            # One unit may always go: a capacity below the cost would never let it.
            "burst": max(capacity, cost) / rate,
            "max_wait": max_wait,
        }
        with tenant_session(self._engine, tenant_id) as connection:
            connection.execute(_NO_WAIT_FOR_DISK)
            granted = connection.execute(_RESERVE, parameters).scalar_one_or_none()
            if granted is not None:
                return float(granted)
            return -float(connection.execute(_LOOK, parameters).scalar_one())

    def blocked(self, app: str, tenant_id: UUID, service: str) -> bool:
        """Tell whether a penalty of this budget is running."""
        parameters = {"app": app, "tenant": tenant_id, "service": service}
        with tenant_session(self._engine, tenant_id) as connection:
            return bool(connection.execute(_BLOCKED, parameters).scalar_one_or_none())

    def penalize(self, app: str, tenant_id: UUID, service: str, seconds: float) -> None:
        """Let nobody spend this budget for `seconds` (a Retry-After)."""
        parameters = {"app": app, "tenant": tenant_id, "service": service, "seconds": seconds}
        with tenant_session(self._engine, tenant_id) as connection:
            connection.execute(_PENALIZE, parameters)
