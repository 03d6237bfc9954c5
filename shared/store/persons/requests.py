"""What was asked about persons: exports and erasures, and what became of them.

Whom an erasure is about stands here in plain text until it is done, and sealed afterwards: what is
collected of him later has to be known for his. An export tells a pseudonym only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    LargeBinary,
    Row,
    Table,
    Text,
    Uuid,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.core.act import tell
from shared.core.audit import AuditEvent
from shared.core.errors import NotFound
from shared.core.person import Identity
from shared.store.audit.events import append_if_written
from shared.store.schema.metadata import INSTANT, METADATA
from shared.store.session.sessions import tenant_session

type RequestKind = Literal["export", "erasure"]
type RequestState = Literal["waiting", "erasing", "done", "rejected"]

PERSON_REQUESTS = Table(
    "person_requests",
    METADATA,
    Column("tenant_id", Uuid, primary_key=True),
    Column("request_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("done_at", INSTANT),
    Column("rows", JSONB, nullable=False, server_default=text("'{}'")),
    Column("identity", JSONB),
    Column("sealed", LargeBinary),
    Column("certificate", JSONB),
)


@dataclass(frozen=True, slots=True)
class PersonRequest:
    """`rows` counts by dataset; `identity` is there until an erasure is done, `sealed` afterwards."""

    tenant_id: UUID
    request_id: UUID
    kind: RequestKind
    state: RequestState
    pseudonym: str
    asked_by: str
    asked_at: datetime
    done_at: datetime | None
    rows: Mapping[str, int]
    identity: Identity | None
    sealed: bytes | None
    certificate: Mapping[str, Any] | None


class PersonRequests:
    """What was asked about the persons of one tenant."""

    def __init__(self, engine: Engine, tenant_id: UUID) -> None:
        self._engine, self._tenant_id = engine, tenant_id

    def ask(
        self,
        kind: RequestKind,
        pseudonym: str,
        by: str,
        now: datetime,
        identity: Identity | None = None,
        request_id: UUID | None = None,
    ) -> PersonRequest:
        """Note what is asked; return it."""
        row = {
            "tenant_id": self._tenant_id,
            "request_id": request_id or uuid4(),
            "kind": kind,
            "state": "done" if kind == "export" else "waiting",
            "pseudonym": pseudonym,
            "asked_by": by,
            "asked_at": now,
            "identity": None if identity is None else written_identity(identity),
        }
        with tenant_session(self._engine, self._tenant_id) as connection:
            fresh = insert(PERSON_REQUESTS).values(row).returning(PERSON_REQUESTS)
            asked = _request(connection.execute(fresh).one())
            tell(target=f"person:{pseudonym}", after={kind: str(asked.request_id)})
        return asked

    def get(self, request_id: UUID, kind: RequestKind = "erasure") -> PersonRequest:
        """Return one; NotFound if there is none."""
        own = {"tenant_id": self._tenant_id, "request_id": request_id, "kind": kind}
        with tenant_session(self._engine, self._tenant_id) as connection:
            row = connection.execute(select(PERSON_REQUESTS).filter_by(**own)).first()
        if row is None:
            raise NotFound("person_request_unknown", parameter="id", value=str(request_id))
        return _request(row)

    def erased(self) -> list[PersonRequest]:
        """Return the erasures that are done."""
        own = {"tenant_id": self._tenant_id, "kind": "erasure", "state": "done"}
        with tenant_session(self._engine, self._tenant_id) as connection:
            rows = connection.execute(select(PERSON_REQUESTS).filter_by(**own)).all()
        return [_request(row) for row in rows]

    def read_on(self, request_id: UUID, rows: Mapping[str, int]) -> None:
        """Count what a page of an export has shown."""
        with tenant_session(self._engine, self._tenant_id) as connection:
            for dataset, number in (rows or {"none": 0}).items():
                count_rows(connection, self._tenant_id, request_id, dataset, number)
            tell(target=f"export:{request_id}", after={"rows": sum(rows.values())})

    def move(self, request_id: UUID, state: RequestState) -> None:
        """Write down that it is being done, or never will be: then nobody is named any more."""
        values: dict[str, object] = {"state": state}
        if state == "rejected":
            values["identity"] = None
        own = {"tenant_id": self._tenant_id, "request_id": request_id}
        with tenant_session(self._engine, self._tenant_id) as connection:
            connection.execute(update(PERSON_REQUESTS).filter_by(**own).values(values))

    def finish(
        self,
        request_id: UUID,
        now: datetime,
        sealed: bytes,
        certificate: Mapping[str, Any],
        event: AuditEvent,
    ) -> bool:
        """End an erasure, once, with its audit event; tell whether it had not ended before."""
        own = {"tenant_id": self._tenant_id, "request_id": request_id, "state": "erasing"}
        values = {
            "state": "done",
            "done_at": now,
            "sealed": sealed,
            "identity": None,
            "certificate": dict(certificate),
        }
        with tenant_session(self._engine, self._tenant_id) as connection:
            ended = update(PERSON_REQUESTS).filter_by(**own).values(values)
            if connection.execute(ended).rowcount == 0:
                return False
            append_if_written(connection, event)
        return True


def count_rows(
    connection: Connection, tenant_id: UUID, request_id: UUID, dataset: str, number: int
) -> None:
    """Add to what a request counts of a dataset; in a session of the tenant."""
    rows = PERSON_REQUESTS.c.rows
    before = func.coalesce(rows[dataset].as_integer(), 0)
    more = func.jsonb_build_object(literal(dataset, Text()), before + number)
    change = update(PERSON_REQUESTS).filter_by(tenant_id=tenant_id, request_id=request_id)
    connection.execute(change.values(rows=rows.concat(more)))


def written_identity(identity: Identity) -> dict[str, list[str]]:
    """Return an identity as JSON knows it."""
    return {"terms": sorted(identity.terms), "shared": sorted(identity.shared)}


def read_identity(written: Mapping[str, list[str]]) -> Identity:
    """Return the identity that was written so."""
    return Identity(frozenset(written["terms"]), frozenset(written["shared"]))


def _request(row: Row[tuple[object, ...]]) -> PersonRequest:
    return PersonRequest(
        tenant_id=row.tenant_id,
        request_id=row.request_id,
        kind=row.kind,
        state=row.state,
        pseudonym=row.pseudonym,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        done_at=row.done_at,
        rows=row.rows,
        identity=None if row.identity is None else read_identity(row.identity),
        sealed=row.sealed,
        certificate=row.certificate,
    )
