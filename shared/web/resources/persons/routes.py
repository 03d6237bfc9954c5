"""A person's data: having all of it told, having it erased, and the certificate of that."""

import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from shared.core.errors import BadRequest
from shared.core.person import signature
from shared.core.text import Text
from shared.store.persons.requests import PersonRequest, PersonRequests
from shared.store.registers.approvals import Approval
from shared.web.digest import digest_of
from shared.web.http import Response, json_response
from shared.web.resources import persons
from shared.web.resources.approvals.shapes import approval_answer, approval_link
from shared.web.resources.jobs.shapes import job_link
from shared.web.resources.persons.shapes import (
    CertificateBody,
    CertificateVerified,
    ErasureAnswer,
    ErasureBody,
    ExportAnswer,
    PersonBody,
    erasure_answer,
    export_answer,
)
from shared.web.route import Call, Route, guid_in_path

if TYPE_CHECKING:
    from shared.core.person import Veil
    from shared.store.persons.finding import Person


def export(call: Call[PersonBody]) -> Response:
    """Tell all that is stored about a person: every version of every dataset, our registers, the audit log.

    Each page is told in the audit log, by a pseudonym.
    """
    from shared.usecases.export_person import export_person, read_place, written_place

    found = _found(call, call.body.user_id, call.body.user_principal_name)
    digest, cursors = digest_of("person", call.tenant_id, found[2]), call.cursors
    onward = None
    if call.body.cursor is not None:
        onward = read_place(cursors.decode(call.body.cursor, digest))
    engine = call.doors.engine
    page = export_person(engine, call.tenant_id, found, call.caller.name, call.now, onward)
    cursor = None if page.onward is None else cursors.encode(digest, written_place(page.onward))
    return json_response(export_answer(page, cursor))


def erase(call: Call[ErasureBody]) -> Response:
    """Put pseudonyms in the place of all that names a person, in all history. That cannot be undone.

    Refused while his account is in the directory: the next collection would bring all of it back.
    """
    from shared.usecases.ask_erasure import ask_erasure

    found = _found(call, call.body.user_id, call.body.user_principal_name)
    engine, settings = call.doors.engine, call.doors.settings()
    request, came = ask_erasure(engine, settings, call.tenant_id, found, call.caller, call.now)
    answer = erasure_answer(request, None)
    if isinstance(came, Approval):
        answer.approval = approval_answer(came, call.lang, call.now)
        return json_response(answer, 202, Location=approval_link(came.approval_id, call))
    answer.job_id = came.job_id
    assert came.job_id is not None  # noqa: S101 - an erasure is a job
    response = json_response(answer, 202, Location=job_link(came.job_id, call))
    response.messages = came.messages
    return response


def read_erasure(call: Call) -> Response:
    """Return an erasure, once it is done with its certificate."""
    request_id = guid_in_path(call.request, "id")
    request = PersonRequests(call.doors.engine, call.tenant_id).get(request_id)
    return json_response(erasure_answer(request, _signature(call, request)))


def verify(call: Call[CertificateBody]) -> Response:
    """Tell whether a certificate is ours and as it was given."""
    body = call.body
    own = _signed(call, body.certificate)
    ours = body.certificate.get("tenantId") == str(call.tenant_id)
    same = hmac.compare_digest(own.encode(), body.signature.lower().encode())
    return json_response(CertificateVerified(valid=ours and same))


def _found(call: Call[Any], user_id: object, name: str | None) -> "tuple[Person, Veil, str]":
    from shared.usecases.export_person import found_person

    if (user_id is None) == (name is None):
        raise BadRequest("person_unnamed", parameter="userId")
    named = ("" if user_id is None else str(user_id), name or "")
    secret = call.doors.secrets().pseudonym_secret
    return found_person(call.doors.engine, call.tenant_id, *named, secret)


def _signature(call: Call[Any], request: PersonRequest) -> str | None:
    return None if request.certificate is None else _signed(call, request.certificate)


def _signed(call: Call[Any], certificate: Mapping[str, Any]) -> str:
    document = msgspec.json.encode(certificate, order="sorted")
    return signature(b"kanri certificate\n" + document, call.doors.secrets().anchor_key)


EXPORT = Route(
    persons.EXPORT,
    permission="person:export",
    summary=Text("Tell all that is stored about a person", "個人データの開示"),
    handle=export,
    tenant="connected",
    changes="person.export",
    shown_once=("person", "rows", "records"),
    body=PersonBody,
    answer=ExportAnswer,
    refuses={400: ("cursor_foreign", "cursor_malformed", "person_unnamed")},
)
ERASE = Route(
    persons.ERASE,
    permission="person:erase",
    summary=Text("Erase a person's data", "個人データの消去"),
    handle=erase,
    tenant="connected",
    changes="person.ask_erasure",
    body=ErasureBody,
    answer=ErasureAnswer,
    status=202,
    headers=("Location",),
    refuses={400: ("person_unnamed",), 409: ("person_present", "tenant_on_hold")},
)
ERASURE = Route(
    persons.ERASURE,
    permission="person:erase",
    summary=Text("Look at an erasure and its certificate", "消去の状況と証明書の取得"),
    handle=read_erasure,
    tenant="connected",
    answer=ErasureAnswer,
    refuses={404: ("person_request_unknown",)},
)
VERIFY = Route(
    persons.VERIFY,
    permission="person:erase",
    summary=Text("Verify a certificate", "証明書の検証"),
    handle=verify,
    tenant="connected",
    changes="certificate.verify",
    body=CertificateBody,
    answer=CertificateVerified,
)
