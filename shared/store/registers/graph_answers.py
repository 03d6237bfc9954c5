"""How Microsoft Graph answered what was asked for each tenant: a row for each part of a run that asked."""

import json
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, Engine, Index, Table, Uuid, delete
from sqlalchemy.dialects.postgresql import JSONB

from shared.core.graph_answers import Answers
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import ask_as_tenant, operator_session

GRAPH_ANSWERS = Table(
    "graph_answers",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("answers_id", Uuid, primary_key=True),
    Column("ended_at", INSTANT, nullable=False),
    # By throttling service: `failed`, and `buckets`, pairs of a bucket of milliseconds (core.latency)
    # and how many answers took that long.
    Column("content", JSONB, nullable=False),
    Index("graph_answers_ended", "tenant_id", "ended_at"),
)

_KEEP = """
    INSERT INTO kanri.graph_answers (tenant_id, answers_id, ended_at, content)
    SELECT tenant_id, %(answers)s, %(ended)s, %(content)s::jsonb FROM kanri.tenants
    WHERE tenant_id = %(tenant)s AND state <> 'removed' FOR SHARE
"""


class GraphAnswers:
    """What is kept of the answers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, tenant_id: UUID, answers: Mapping[str, Answers], ended_at: datetime) -> None:
        """Keep what was counted by now; nothing of a tenant that is removed, lest a purge leaves a rest.

        Raises StoreUnavailable: then it is lost.
        """
        told = {
            service: {"failed": one.failed, "buckets": one.times.told()["buckets"]}
            for service, one in answers.items()
        }
        values = {"tenant": tenant_id, "answers": uuid4(), "ended": ended_at}
        told_as = {"content": json.dumps(told)}
        ask_as_tenant(self._engine, tenant_id, _KEEP, values | told_as, durable=False)

    def forget(self, before: datetime) -> int:
        """Delete what is older; return how many rows that were."""
        with operator_session(self._engine) as connection:
            gone = delete(GRAPH_ANSWERS).where(GRAPH_ANSWERS.c.ended_at < before)
            return connection.execute(gone).rowcount
