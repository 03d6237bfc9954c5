"""What the policies of one tenant take from its datasets: planned, counted beforehand, told afterwards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection, Engine, select, text

from shared.core import registry
from shared.core.audit import AuditEvent
from shared.core.collector import Collector
from shared.core.retention import History, Retention, borders, first_kept
from shared.store.audit.events import append_if_written
from shared.store.datasets import kept_history
from shared.store.datasets.thinning import Going, Thinning
from shared.store.registers.legal_holds import holds_in_force, is_held
from shared.store.registers.tenant_retention import in_force, own_policies
from shared.store.session.sessions import tenant_session
from shared.store.work.work_state import WORK_STATE

type CollectorOf = Callable[[str], Collector]
type Policies = Mapping[str, Retention]
# Of each dataset, what went; and what the tenant has set.
type EventOf = Callable[[Mapping[str, Going], Policies], AuditEvent]

# Counting looks at the whole history of a tenant.
_COUNTING_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What would go of one dataset: `versions` that no turn needs, `rows` that are too old.

    `bytes` is an estimate by the average row, None while the database knows none. `oldest` is the
    oldest instant that could be asked afterwards, None before the first collection. Of what is
    `held` nothing goes.
    """

    dataset: str
    versions: int = 0
    rows: int = 0
    bytes: int | None = 0
    oldest: datetime | None
    held: bool


class Retaining:
    """The datasets of one tenant (all of the catalogue unless some are `named`)."""

    def __init__(
        self,
        engine: Engine,
        tenant_id: UUID,
        collector_of: CollectorOf = registry.collector,
        named: Sequence[str] | None = None,
    ) -> None:
        self._engine, self._tenant_id = engine, tenant_id
        self._collector_of = collector_of
        self._named = registry.kept() if named is None else named

    def begin(self, run_id: UUID, now: datetime) -> dict[str, Thinning]:
        """Return what takes away what is kept no longer on the day of `now`, and begin counting."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            plan = self._plan(connection, now, own_policies(connection, self._tenant_id))
            if plan:
                kept_history.begin(connection, self._tenant_id, list(plan), run_id)
        return plan

    def tell(self, run_id: UUID, event_of: EventOf) -> Mapping[str, Going]:
        """Append the audit event of what the run took away, once; return what went from where."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            taken = kept_history.untold(connection, self._tenant_id, run_id)
            went = {name: Going(*counts) for name, counts in sorted(taken.items()) if any(counts)}
            if taken:
                own = own_policies(connection, self._tenant_id)
                append_if_written(connection, event_of(went, own))
        return went

    def preview(self, now: datetime, policies: Policies | None = None) -> list[Preview]:
        """Return what the next run would take from each dataset, by `policies` instead of those set.

        Nothing is written. StoreUnavailable if counting takes longer than a minute.
        """
        with tenant_session(self._engine, self._tenant_id) as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = '{_COUNTING_SECONDS}s'"))
            own = own_policies(connection, self._tenant_id) if policies is None else policies
            plan = self._plan(connection, now, own)
            going = {name: one.count(connection) for name, one in plan.items()}
            left = kept_history.histories_of(connection, self._tenant_id)
            left |= {name: plan[name].left(connection) for name, one in going.items() if one.rows}
            holds = holds_in_force(connection, self._tenant_id)
            first = self._first_collected(connection)
            return [
                Preview(
                    dataset=name,
                    versions=going.get(name, Going()).thinned,
                    rows=going.get(name, Going()).dropped,
                    bytes=_bytes(connection, plan.get(name), going.get(name, Going())),
                    oldest=first_kept(first[name], {name: left.get(name, History())})
                    if name in first
                    else None,
                    held=is_held(name, holds),
                )
                for name in self._named
            ]

    def _plan(self, connection: Connection, now: datetime, own: Policies) -> dict[str, Thinning]:
        """What is held, or kept for ever, is not among it."""
        left = kept_history.histories_of(connection, self._tenant_id)
        holds = holds_in_force(connection, self._tenant_id)
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        found = {}
        for name in self._named:
            collector = self._collector_of(name)
            going = borders(in_force(collector, own), left.get(name, History()), today)
            if going.any and not is_held(name, holds):
                found[name] = Thinning(collector, self._tenant_id, going)
        return found

    def _first_collected(self, connection: Connection) -> dict[str, datetime]:
        state = WORK_STATE.c
        query = select(state.subject, state.first_collected_at).where(
            state.tenant_id == self._tenant_id,
            state.kind == "collect",
            state.first_collected_at.is_not(None),
        )
        return {row.subject: row.first_collected_at for row in connection.execute(query)}


def _bytes(connection: Connection, thinning: Thinning | None, going: Going) -> int | None:
    if thinning is None or not going.rows:
        return 0
    size = thinning.row_bytes(connection)
    return None if size is None else round(size * going.rows)
