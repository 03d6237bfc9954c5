"""A person's data in JSON."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from shared.core.names import HIDING
from shared.core.wire import DateText, Instant
from shared.store.persons.finding import Mention
from shared.store.persons.registers import Record
from shared.store.persons.requests import PersonRequest, RequestState
from shared.usecases.export_person import Export
from shared.web.resources.approvals.shapes import ApprovalAnswer
from shared.web.shapes import PLAIN, Answer, Body

# A word without @ could stand for anything, and would be erased wherever it stands.
_ADDRESS = rf"^[^{HIDING}\s@]+@[^{HIDING}\s@]+$(?!\n)"
type _Name = Annotated[str, Meta(min_length=3, max_length=320, pattern=_ADDRESS)]


class PersonBody(Body):
    """Whom it is about: an object id, or a sign-in name or address. `cursor` goes on with an export."""

    user_id: UUID | None = None
    user_principal_name: _Name | None = None
    cursor: Annotated[str, Meta(max_length=4000)] | None = None


class ErasureBody(Body):
    """Whom it is about: an object id, or a sign-in name or address."""

    user_id: UUID | None = None
    user_principal_name: _Name | None = None


class PersonAnswer(Answer):
    """What names him: `alone`, or others too (`shared`: names). `present`: his account is there."""

    alone: list[str]
    shared: list[str]
    present: bool


class MentionAnswer(Answer):
    """A row that is `his`, with all properties (by their path in Graph), or that names him, with those
    that do. What it says held from `since` to `until`, null: still."""

    dataset: str
    id: str
    his: bool
    since: Instant
    until: Instant | None
    report_date: DateText | None
    properties: dict[str, Any]


class RecordAnswer(Answer):
    """A row of Kanri's own registers that names him; `audit_events` is the audit log."""

    register: str
    key: dict[str, str]
    properties: dict[str, str]


class ExportAnswer(Answer):
    """A page. `cursor` is null on the last one, which has the `records`. Person, rows and records are
    null where the answer is given again, by its Idempotency-Key: they are kept nowhere."""

    export_id: UUID
    pseudonym: str
    person: PersonAnswer | None
    rows: list[MentionAnswer] | None
    records: list[RecordAnswer] | None
    cursor: str | None


class ErasureAnswer(Answer):
    """An erasure; it names a pseudonym only. `rows` counts what was veiled by dataset, `certificate` is
    there once it is done, with its `signature` (HMAC-SHA256, in hexadecimal digits)."""

    erasure_id: UUID
    state: RequestState
    pseudonym: str
    asked_by: str
    asked_at: Instant
    done_at: Instant | None
    rows: dict[str, int]
    certificate: dict[str, Any] | None
    signature: str | None
    job_id: UUID | None = None
    approval: ApprovalAnswer | None = None


class CertificateBody(Body):
    """A certificate and its signature, as they were given."""

    certificate: dict[str, Any]
    signature: Annotated[str, Meta(max_length=64, pattern=PLAIN)]


class CertificateVerified(Answer):
    """Whether the certificate is one of this deployment's for this tenant, and says what it said."""

    valid: bool


def export_answer(export: Export, cursor: str | None) -> ExportAnswer:
    """Return a page of an export as an answer."""
    identity = export.identity
    return ExportAnswer(
        export_id=export.request_id,
        pseudonym=export.pseudonym,
        person=PersonAnswer(
            alone=sorted(identity.terms), shared=sorted(identity.shared), present=export.present
        ),
        rows=[_mention(one) for one in export.mentions],
        records=[_record(one) for one in export.records],
        cursor=cursor,
    )


def erasure_answer(request: PersonRequest, signature: str | None) -> ErasureAnswer:
    """Return an erasure as an answer."""
    return ErasureAnswer(
        erasure_id=request.request_id,
        state=request.state,
        pseudonym=request.pseudonym,
        asked_by=request.asked_by,
        asked_at=request.asked_at,
        done_at=request.done_at,
        rows=dict(request.rows),
        certificate=None if request.certificate is None else dict(request.certificate),
        signature=signature,
    )


def _mention(one: Mention) -> MentionAnswer:
    return MentionAnswer(
        dataset=one.dataset,
        id=one.place.id,
        his=one.his,
        since=one.place.since,
        until=one.until,
        report_date=None if one.place.day is None else str(one.place.day),
        properties=dict(one.properties),
    )


def _record(one: Record) -> RecordAnswer:
    return RecordAnswer(register=one.register, key=dict(one.key), properties=dict(one.properties))
