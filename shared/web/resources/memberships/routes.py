"""Memberships: giving roles, taking them, and seeing who has which."""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from uuid import UUID

from shared.core import access
from shared.core.access import Permission, Subject
from shared.core.clock import written
from shared.core.errors import BadRequest, Forbidden
from shared.core.text import Text
from shared.store.registers.memberships import Membership, Memberships, Scope
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.resources import memberships
from shared.web.resources.memberships.shapes import (
    MembershipAnswer,
    MembershipList,
    NewMembership,
    membership_answer,
)
from shared.web.route import Call, Route, guid_in_path


def create(call: Call[NewMembership]) -> Response:
    """Give a role whose permissions the caller holds there himself; it counts at once."""
    body = call.body
    subject, scope = _subject(call), _scope(body)
    if body.expires_at is not None and body.expires_at <= call.now:
        raise BadRequest("expiry_past", parameter="expiresAt", value=written(body.expires_at))
    access.require_lasting(call.caller, body.expires_at)
    _check_second_person(call, subject, scope)
    made = Memberships(call.doors.engine).create(
        subject,
        body.role,
        scope,
        expires_at=body.expires_at,
        maker=call.caller,
        may_give=partial(_may_give, call),
    )
    return json_response(membership_answer(made), 201)


def list_memberships(call: Call) -> Response:
    """Return the memberships, newest first: those for the tenants whose memberships he may read."""
    from shared.web.listing import page_of

    only = call.caller.tenants_with("membership:read")
    every = partial(Memberships(call.doors.engine).all, only=only)
    found, cursor = page_of(call, every, _place_of, _place)
    answers = [membership_answer(membership) for membership in found]
    return json_response(MembershipList(memberships=answers, cursor=cursor))


def _place_of(membership: Membership) -> tuple[object, ...]:
    return membership.created_at, str(membership.membership_id)


def _place(created_at: str, membership_id: str) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(created_at), UUID(membership_id)


def read_membership(call: Call) -> Response:
    """Return one membership."""
    found = Memberships(call.doors.engine).get(guid_in_path(call.request, "id"))
    access.require_holds(call.caller, {"membership:read"}, found.scope.tenants)
    return json_response(membership_answer(found))


def delete(call: Call) -> Response:
    """Take a role whose permissions the caller holds there himself; never the last owner's."""
    membership_id = guid_in_path(call.request, "id")
    Memberships(call.doors.engine).delete(membership_id, partial(_may_give, call))
    return Response(204)


def _may_give[B](
    call: Call[B], permissions: Collection[Permission], tenants: Collection[UUID] | None
) -> None:
    access.require_holds(call.caller, {"membership:write"}, tenants)
    access.require_holds(call.caller, permissions, tenants)


def _check_second_person(call: Call[NewMembership], subject: Subject, scope: Scope) -> None:
    """Raise Forbidden where a key would come to open every tenant without an approval."""
    from shared.usecases.ask_approval import in_force

    many = subject.kind == "key" and scope.tenant_id is None
    if many and in_force(call.doors.engine, call.doors.settings(), call.now):
        raise Forbidden("key_everywhere", parameter="scope")


def _subject(call: Call[NewMembership]) -> Subject:
    """Return whom the body names. One of another directory than the operators' has no more than it."""
    body = call.body
    if body.subject_kind == "key":
        if body.directory is not None:
            raise BadRequest("directory_of_a_key", parameter="directory")
        return Subject("key", body.subject_id)
    home = call.doors.settings().home_tenant_id
    directory = body.directory or (UUID(home) if home else None)
    if directory is None:
        raise BadRequest("body_field_missing", parameter="directory")
    if str(directory) != home.lower() and directory != body.tenant_id:
        raise BadRequest("subject_foreign", parameter="directory", value=str(directory))
    return Subject(body.subject_kind, body.subject_id, directory)


def _scope(body: NewMembership) -> Scope:
    given = {"tenant": body.tenant_id, "tag": body.tag}
    if {name for name, value in given.items() if value is not None} != {body.scope} - {"all"}:
        raise BadRequest("scope_unclear", parameter="scope", value=body.scope)
    return Scope(body.tenant_id, body.tag)


_NOT_HIS = ("scope_too_narrow", "tenant_forbidden")

CREATE = Route(
    memberships.CREATE,
    permission="membership:write",
    summary=Text("Give a role", "役割の付与"),
    handle=create,
    changes="membership.create",
    body=NewMembership,
    answer=MembershipAnswer,
    status=201,
    refuses={
        400: ("directory_of_a_key", "expiry_past", "scope_unclear", "subject_foreign"),
        403: (*_NOT_HIS, "expiry_too_late", "key_everywhere"),
        404: ("key_unknown", "role_unknown", "tenant_unknown"),
        409: ("membership_exists",),
    },
)
LIST = Route(
    memberships.LIST,
    permission="membership:read",
    summary=Text("List the memberships", "役割の付与の一覧"),
    handle=list_memberships,
    parameters=(TOP, CURSOR),
    answer=MembershipList,
)
READ = Route(
    memberships.READ,
    permission="membership:read",
    summary=Text("Look at a membership", "役割の付与の取得"),
    handle=read_membership,
    answer=MembershipAnswer,
    refuses={403: _NOT_HIS, 404: ("membership_unknown",)},
)
DELETE = Route(
    memberships.DELETE,
    permission="membership:write",
    summary=Text("Take a role", "役割の取り消し"),
    handle=delete,
    changes="membership.delete",
    status=204,
    refuses={403: _NOT_HIS, 404: ("membership_unknown",), 409: ("owner_last",)},
)
