"""What a tenant has set for itself: thresholds that go before the defaults of reports, and which of
the datasets that cost many requests are read."""

from collections.abc import Callable, Mapping
from uuid import UUID

from msgspec import Struct, field
from sqlalchemy import Column, Connection, Engine, Table, Uuid, select, text
from sqlalchemy.dialects.postgresql import JSONB, insert

from shared.core import clock
from shared.core.act import tell
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import tenant_session

TENANT_SETTINGS = Table(
    "tenant_settings",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("thresholds", JSONB, nullable=False),
    # The names of datasets.
    Column("switched_on", JSONB, nullable=False, server_default=text("'[]'")),
    Column("updated_at", INSTANT, nullable=False),
)

# There may be no row yet that could be locked.
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class OwnSettings(Struct, frozen=True):
    """What a tenant has set: thresholds by name, and the costly datasets that are switched on."""

    thresholds: Mapping[str, int] = field(default_factory=dict)
    switched_on: frozenset[str] = frozenset()

    def changed(
        self, thresholds: Mapping[str, int | None], switches: Mapping[str, bool]
    ) -> "OwnSettings":
        """Return them with some set, taken back (None), switched on (True) and off (False)."""
        both = {**self.thresholds, **thresholds}
        on = dict.fromkeys(self.switched_on, True) | dict(switches)
        return OwnSettings(
            {name: value for name, value in both.items() if value is not None},
            frozenset(name for name, is_on in on.items() if is_on),
        )

    def told(self) -> dict[str, object]:
        """Return them as the audit log has them."""
        on = {"switchedOn": sorted(self.switched_on)} if self.switched_on else {}
        return {**self.thresholds, **on}


NOTHING_SET = OwnSettings()


class TenantSettings:
    """The settings of tenants; one that has set nothing has no row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, tenant_id: UUID) -> OwnSettings:
        """Return what the tenant has set."""
        with tenant_session(self._engine, tenant_id) as connection:
            return _own(connection, tenant_id)

    def change(
        self,
        tenant_id: UUID,
        thresholds: Mapping[str, int | None],
        switches: Mapping[str, bool] | None = None,
        *,
        check: Callable[[OwnSettings], None] = lambda _: None,
    ) -> tuple[OwnSettings, OwnSettings]:
        """Set some thresholds, take back those that are None, switch datasets on and off; return what
        was set before and what is then.

        `check` is asked, within the transaction, about what is set before: it raises if that is not
        what the caller has seen. Changes at once come one after another.
        """
        with tenant_session(self._engine, tenant_id) as connection:
            connection.execute(_TAKE_TURNS, {"name": f"kanri.tenant_settings.{tenant_id}"})
            before = _own(connection, tenant_id)
            check(before)
            after = before.changed(thresholds, switches or {})
            values = {
                "thresholds": dict(after.thresholds),
                "switched_on": sorted(after.switched_on),
                "updated_at": clock.now(),
            }
            new = insert(TENANT_SETTINGS).values(tenant_id=tenant_id, **values)
            own = [TENANT_SETTINGS.c.tenant_id]
            connection.execute(new.on_conflict_do_update(index_elements=own, set_=values))
            tell(before=before.told() or None, after=after.told())
        return before, after


def _own(connection: Connection, tenant_id: UUID) -> OwnSettings:
    columns = TENANT_SETTINGS.c.thresholds, TENANT_SETTINGS.c.switched_on
    query = select(*columns).where(TENANT_SETTINGS.c.tenant_id == tenant_id)
    row = connection.execute(query).first()
    return NOTHING_SET if row is None else OwnSettings(row.thresholds, frozenset(row.switched_on))
