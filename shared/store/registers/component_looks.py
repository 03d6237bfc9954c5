"""How each component of the service was, whenever it was looked at: the history of `core.component`."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Column, Engine, Table, Text, delete
from sqlalchemy.dialects.postgresql import insert

from shared.core.component import Look
from shared.store.schema.metadata import EVERYBODY_READS, INSTANT, METADATA
from shared.store.session.sessions import operator_session

COMPONENT_LOOKS = Table(
    "component_looks",
    METADATA,
    Column("component", Text, primary_key=True),
    Column("looked_at", INSTANT, primary_key=True),
    Column("state", Text, nullable=False),
    Column("cause", Text),
    info=EVERYBODY_READS,
)


class ComponentLooks:
    """What was seen of the components. Every method may raise StoreUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, looks: Mapping[str, Look], looked_at: datetime) -> None:
        """Keep what was seen by component at one instant; the same again changes nothing."""
        rows = [
            {"component": name, "looked_at": looked_at, "state": look.state, "cause": look.cause}
            for name, look in looks.items()
        ]
        with operator_session(self._engine) as connection:
            connection.execute(insert(COMPONENT_LOOKS).on_conflict_do_nothing(), rows)

    def forget(self, before: datetime) -> int:
        """Delete what was seen before an instant; return how many rows that were."""
        with operator_session(self._engine) as connection:
            gone = delete(COMPONENT_LOOKS).where(COMPONENT_LOOKS.c.looked_at < before)
            return connection.execute(gone).rowcount
