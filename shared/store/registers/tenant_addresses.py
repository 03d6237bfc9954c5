"""Where callers may ask about a tenant from: the ranges of addresses that it allows and denies."""

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import Column, Engine, Row, Table, Text, Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from shared.core import clock
from shared.core.act import tell
from shared.core.addresses import AddressLists
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import tenant_session

TENANT_ADDRESSES = Table(
    "tenant_addresses",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("allowed", ARRAY(Text), nullable=False),
    Column("denied", ARRAY(Text), nullable=False),
    Column("updated_at", INSTANT, nullable=False),
)

_OWN = select(TENANT_ADDRESSES).where(TENANT_ADDRESSES.c.tenant_id == bindparam("tenant"))


class TenantAddresses:
    """The lists of tenants; one that has set none has no row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, tenant_id: UUID) -> AddressLists:
        """Return the lists of one tenant."""
        with tenant_session(self._engine, tenant_id) as connection:
            return _lists(connection.execute(_OWN, {"tenant": tenant_id}).first())

    def change(
        self,
        tenant_id: UUID,
        allowed: Sequence[str] | None,
        denied: Sequence[str] | None,
        check: Callable[[AddressLists, AddressLists], None],
    ) -> AddressLists:
        """Set lists, None leaving one alone; return both. Two changes at once come one after the other.

        `check` is asked about both as they are and as they would be; what it raises changes nothing.
        """
        with tenant_session(self._engine, tenant_id) as connection:
            fresh = insert(TENANT_ADDRESSES).values(
                tenant_id=tenant_id, allowed=[], denied=[], updated_at=clock.now()
            )
            connection.execute(fresh.on_conflict_do_nothing())
            own = connection.execute(_OWN.with_for_update(), {"tenant": tenant_id})
            before = _lists(own.first())
            after = AddressLists(
                before.allowed if allowed is None else tuple(allowed),
                before.denied if denied is None else tuple(denied),
            )
            check(before, after)
            change = TENANT_ADDRESSES.update().where(TENANT_ADDRESSES.c.tenant_id == tenant_id)
            values = {"allowed": [*after.allowed], "denied": [*after.denied]}
            connection.execute(change.values(**values, updated_at=clock.now()))
            tell(before=_told(before), after=_told(after))
        return after


def _lists(row: Row[tuple[object, ...]] | None) -> AddressLists:
    return AddressLists() if row is None else AddressLists(tuple(row.allowed), tuple(row.denied))


def _told(lists: AddressLists) -> dict[str, object]:
    return {"allowed": [*lists.allowed], "denied": [*lists.denied]}
