"""API keys: make one, list them, rotate one, revoke one."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from shared.core import access
from shared.core.clock import written
from shared.core.errors import BadRequest
from shared.core.text import Text
from shared.store.registers.api_keys import ApiKeys
from shared.store.registers.found_keys import ApiKey
from shared.store.registers.key_rotation import rotate
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.ranges import read_ranges
from shared.web.resources import keys
from shared.web.resources.approvals.shapes import approval_answer, approval_link
from shared.web.resources.keys.shapes import (
    KeyAnswer,
    KeyList,
    KeyRotation,
    NewKey,
    NewKeyAnswer,
    checked_permissions,
)
from shared.web.route import Call, Route, guid_in_path
from shared.web.shapes import shaped

LONGEST_LIFE = timedelta(days=366)


def create(call: Call[NewKey]) -> Response:
    """Make a key, with rights no wider than the caller's. Its text is shown once, here.

    One for many tenants may have to wait for a second person: until then it opens nothing.
    """
    from shared.usecases.make_key import make_key

    body, permissions = call.body, checked_permissions(call.body.permissions)
    own = call.doors.settings().key_environment
    if body.environment not in (None, own):
        raise BadRequest("environment_foreign", parameter="environment", known=own)
    ranges = None if body.ranges is None else read_ranges(body.ranges, "ranges")
    _check_end(body.expires_at, call.now)
    access.require_narrower(call.caller, ranges)
    access.require_lasting(call.caller, body.expires_at)
    access.require_holds(call.caller, permissions, body.tenant_ids)
    made = make_key(
        call.doors.engine,
        call.doors.settings(),
        body.name,
        permissions=sorted(permissions),
        tenant_ids=body.tenant_ids,
        expires_at=body.expires_at,
        ranges=ranges,
        maker=call.caller,
        now=call.now,
    )
    answer = NewKeyAnswer(key=made.plain, details=shaped(made.key, KeyAnswer))
    if made.waits_for is None:
        return json_response(answer, 201)
    answer.approval = approval_answer(made.waits_for, call.lang, call.now)
    link = approval_link(made.waits_for.approval_id, call)
    return json_response(answer, 202, Location=link)


def _check_end(expires_at: datetime, now: datetime) -> None:
    if expires_at <= now:
        raise BadRequest("expiry_past", parameter="expiresAt", value=written(expires_at))
    if expires_at > now + LONGEST_LIFE:
        limit = written(now + LONGEST_LIFE)
        raise BadRequest("expiry_far", parameter="expiresAt", limit=limit)


def list_keys(call: Call) -> Response:
    """Return the keys, newest first, without their text."""
    from shared.web.listing import page_of

    keys, cursor = page_of(call, ApiKeys(call.doors.engine).all, _place_of, _place)
    return json_response(KeyList(keys=shaped(keys, list[KeyAnswer]), cursor=cursor))


def _place_of(key: ApiKey) -> tuple[object, ...]:
    return key.created_at, str(key.key_id)


def _place(created_at: str, key_id: str) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(created_at), UUID(key_id)


def rotate_key(call: Call[KeyRotation]) -> Response:
    """Make a key in the place of another, which goes on for a while. Its text is shown once, here.

    The caller holds what the key may, and keeps within the ranges of his own.
    """
    body, key_id = call.body, guid_in_path(call.request, "id")
    old = ApiKeys(call.doors.engine).get(key_id)
    lives = LONGEST_LIFE if old.expires_at is None else old.expires_at - old.created_at
    expires_at = body.expires_at or call.now + min(lives, LONGEST_LIFE)
    _check_end(expires_at, call.now)
    access.require_lasting(call.caller, expires_at)
    access.require_narrower(call.caller, old.ranges)
    plain, key = rotate(
        call.doors.engine,
        key_id,
        old_until=call.now + timedelta(minutes=body.overlap_minutes),
        expires_at=expires_at,
        maker=call.caller,
        may_give=partial(access.require_holds, call.caller),
    )
    return json_response(NewKeyAnswer(key=plain, details=shaped(key, KeyAnswer)), 201)


def revoke(call: Call) -> Response:
    """Make a key worthless from now on, and every key that was made with it."""
    ApiKeys(call.doors.engine).revoke(guid_in_path(call.request, "id"))
    return Response(204)


_ENDS = ("expiry_far", "expiry_past")

CREATE = Route(
    keys.CREATE,
    permission="key:write",
    summary=Text("Make an API key", "API キーの作成"),
    handle=create,
    changes="key.create",
    shown_once=("key",),
    body=NewKey,
    answer=NewKeyAnswer,
    status=201,
    also=(202,),
    headers=("Location",),
    refuses={
        400: (*_ENDS, "environment_foreign", "permission_unknown", "range_malformed"),
        403: ("expiry_too_late", "ranges_too_wide", "scope_too_narrow", "tenant_forbidden"),
        404: ("tenant_unknown",),
    },
)
LIST = Route(
    keys.LIST,
    permission="key:read",
    summary=Text("List the API keys", "API キーの一覧"),
    handle=list_keys,
    every_tenant=True,
    parameters=(TOP, CURSOR),
    answer=KeyList,
)
ROTATE = Route(
    keys.ROTATE,
    permission="key:write",
    summary=Text("Rotate an API key", "API キーのローテーション"),
    handle=rotate_key,
    changes="key.rotate",
    shown_once=("key",),
    every_tenant=True,
    body=KeyRotation,
    answer=NewKeyAnswer,
    status=201,
    refuses={
        400: _ENDS,
        403: ("expiry_too_late", "ranges_too_wide", "tenant_forbidden"),
        404: ("key_unknown",),
        409: ("key_ended",),
    },
)
REVOKE = Route(
    keys.REVOKE,
    permission="key:write",
    summary=Text("Revoke an API key", "API キーの失効"),
    handle=revoke,
    changes="key.revoke",
    every_tenant=True,
    status=204,
    refuses={404: ("key_unknown",)},
)
