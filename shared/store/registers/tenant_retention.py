"""What a tenant has set of how long its datasets are kept; what it has not set is as by default."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import Column, Connection, Engine, Table, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB, insert

from shared.core import clock
from shared.core.act import tell
from shared.core.collector import Collector
from shared.core.retention import DEFAULTS, Retention
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import tenant_session

# `policies` maps a dataset to the fields of its `Retention`.
TENANT_RETENTION = Table(
    "tenant_retention",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("policies", JSONB, nullable=False),
    Column("updated_at", INSTANT, nullable=False),
)

_OWN = select(TENANT_RETENTION.c.policies).where(
    TENANT_RETENTION.c.tenant_id == bindparam("tenant")
)

type Policies = Mapping[str, Retention]


class TenantRetention:
    """The policies that tenants have set; one that has set none has no row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, tenant_id: UUID) -> dict[str, Retention]:
        """Return what the tenant has set, by dataset."""
        with tenant_session(self._engine, tenant_id) as connection:
            return own_policies(connection, tenant_id)

    def replace(
        self, tenant_id: UUID, policies: Policies, check: Callable[[Policies], None]
    ) -> None:
        """Set `policies` instead of all that is set. Two changes at once come one after the other.

        `check` is asked about what is set before; what it raises changes nothing.
        """
        fresh = insert(TENANT_RETENTION).values(
            tenant_id=tenant_id, policies={}, updated_at=clock.now()
        )
        with tenant_session(self._engine, tenant_id) as connection:
            connection.execute(fresh.on_conflict_do_nothing())
            before = own_policies(connection, tenant_id, alone=True)
            check(before)
            change = TENANT_RETENTION.update().where(TENANT_RETENTION.c.tenant_id == tenant_id)
            values = {name: _stored(one) for name, one in policies.items()}
            connection.execute(change.values(policies=values, updated_at=clock.now()))
            tell(before=_told(before), after=_told(policies))


def own_policies(
    connection: Connection, tenant_id: UUID, *, alone: bool = False
) -> dict[str, Retention]:
    """Return what the tenant has set; `alone` has others who would change it wait."""
    query = _OWN.with_for_update() if alone else _OWN
    found = connection.execute(query, {"tenant": tenant_id}).scalar() or {}
    return {name: Retention(**values) for name, values in found.items()}


def in_force(collector: Collector, own: Policies) -> Retention:
    """Return the policy of a dataset: the tenant's own, else the default of its shape."""
    return own.get(collector.dataset) or DEFAULTS[collector.shape]


def _stored(policy: Retention) -> dict[str, object]:
    return {name: getattr(policy, name) for name in ("keep_days", "thin_days", "thin_to")}


def _told(policies: Policies) -> dict[str, object]:
    return {name: one.told() for name, one in policies.items()}
