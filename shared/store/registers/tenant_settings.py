"""What a tenant has set for itself: thresholds that go before the defaults of reports."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import BindParameter, Column, Engine, Table, Uuid, bindparam, func, select, text
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
    Column("updated_at", INSTANT, nullable=False),
)

# There may be no row yet that could be locked.
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")


class TenantSettings:
    """The settings of tenants; one that has set nothing has no row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def thresholds(self, tenant_id: UUID) -> dict[str, int]:
        """Return the thresholds that the tenant has set, by name."""
        query = select(TENANT_SETTINGS.c.thresholds).filter_by(tenant_id=tenant_id)
        with tenant_session(self._engine, tenant_id) as connection:
            found: dict[str, int] | None = connection.execute(query).scalar()
        return found or {}

    def change(
        self,
        tenant_id: UUID,
        thresholds: Mapping[str, int | None],
        check: Callable[[Mapping[str, int]], None] = lambda _: None,
    ) -> dict[str, int]:
        """Set some thresholds, take back those that are None; return all that are set then.

        `check` is asked, within the transaction, about those that are set before: it raises if
        they are not what the caller has seen. Changes at once come one after another.
        """
        new = insert(TENANT_SETTINGS).values(
            tenant_id=tenant_id,
            thresholds=func.jsonb_strip_nulls(_json(thresholds)),
            updated_at=clock.now(),
        )
        both = TENANT_SETTINGS.c.thresholds.concat(_json(thresholds))
        change = new.on_conflict_do_update(
            index_elements=[TENANT_SETTINGS.c.tenant_id],
            set_={
                "thresholds": func.jsonb_strip_nulls(both),
                "updated_at": new.excluded.updated_at,
            },
        ).returning(TENANT_SETTINGS.c.thresholds)
        own = select(TENANT_SETTINGS.c.thresholds).filter_by(tenant_id=tenant_id)
        with tenant_session(self._engine, tenant_id) as connection:
            connection.execute(_TAKE_TURNS, {"name": f"kanri.tenant_settings.{tenant_id}"})
            before = connection.execute(own).scalar()
            check(before or {})
            left: dict[str, int] = connection.execute(change).scalar_one()
            tell(before=before, after=left)
        return left


def _json(thresholds: Mapping[str, int | None]) -> BindParameter[Mapping[str, int | None]]:
    return bindparam(None, dict(thresholds), type_=JSONB())
