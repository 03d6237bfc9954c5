"""What one tenant's tables hold, as the tests that judge them read it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, Row, and_, func, or_, select

from infra.local.sandbox.client import SandboxAdmin
from shared.core.registry import collector
from shared.store.schema.dataset_tables import dataset_table
from shared.store.session.sessions import tenant_session
from shared.store.work.runs import Runs


@dataclass(slots=True)
class Held:
    """The stored rows of a tenant, beside the sandbox they came from; `diary` says what was done."""

    admin: SandboxAdmin
    tenant_id: UUID
    engine: Engine
    diary: list[str] = field(default_factory=list, kw_only=True)

    def state(self, dataset: str) -> str:
        """Return the state of the dataset's last finished run."""
        return Runs(self.engine).ledger(self.tenant_id, dataset, 1)[0].state

    def rows(self, dataset: str, at: datetime | None = None) -> dict[str, Any]:
        """Return id to Graph object, now or as of `at`, read straight from the table."""
        table = dataset_table(collector(dataset))
        current = table.c.valid_to.is_(None)
        valid: ColumnElement[bool] = current
        if at is not None:
            valid = and_(table.c.valid_from <= at, or_(current, table.c.valid_to > at))
        with tenant_session(self.engine, self.tenant_id) as connection:
            found = connection.execute(select(table.c.id, table.c.raw).where(valid)).all()
        assert len(found) == len({row.id for row in found}), "an id is valid twice at one instant"
        return {row.id: row.raw for row in found}

    def everything(self, dataset: str) -> list[Row[Any]]:
        """Return every row of the dataset, the oldest versions of each object first."""
        table = dataset_table(collector(dataset))
        # Python has no instant for infinity, which stands in `valid_until` where `valid_to` is null.
        query = select(*(column for column in table.c if column.name != "valid_until"))
        if "valid_from" in table.c:
            query = query.order_by(table.c.id, table.c.valid_from)
        with tenant_session(self.engine, self.tenant_id) as connection:
            return list(connection.execute(query).all())

    def count(self, dataset: str) -> int:
        """Return how many rows there are, past versions included."""
        table = dataset_table(collector(dataset))
        with tenant_session(self.engine, self.tenant_id) as connection:
            return connection.execute(select(func.count()).select_from(table)).scalar_one()
