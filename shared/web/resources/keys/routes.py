"""API keys: make one, list them, revoke one."""

from datetime import datetime, timedelta
from uuid import UUID

from shared.core import access
from shared.core.clock import written
from shared.core.errors import BadRequest
from shared.core.text import Text
from shared.store.registers.api_keys import ApiKey, ApiKeys
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.resources import keys
from shared.web.resources.keys.shapes import KeyAnswer, KeyList, NewKey, NewKeyAnswer
from shared.web.route import Call, Route, guid_in_path
from shared.web.shapes import shaped

LONGEST_LIFE = timedelta(days=366)


def create(call: Call[NewKey]) -> Response:
    """Make a key, with rights no wider than the caller's. Its text is shown once, here."""
    body = call.body
    permissions = access.known_permissions(body.permissions)
    unknown = sorted(set(body.permissions) - permissions)
    if unknown:
        raise BadRequest(
            "permission_unknown",
            parameter="permissions",
            value=unknown[0],
            known=", ".join(sorted(access.PERMISSIONS)),
        )
    if body.expires_at <= call.now:
        raise BadRequest("expiry_past", parameter="expiresAt", value=written(body.expires_at))
    latest = call.now + LONGEST_LIFE
    if body.expires_at > latest:
        raise BadRequest("expiry_far", parameter="expiresAt", limit=written(latest))
    access.require_lasting(call.caller, body.expires_at)
    access.require_holds(call.caller, permissions, body.tenant_ids)
    plain, key = ApiKeys(call.doors.engine).create(
        body.name,
        environment=body.environment,
        permissions=sorted(permissions),
        tenant_ids=body.tenant_ids,
        expires_at=body.expires_at,
        maker=call.caller,
    )
    return json_response(NewKeyAnswer(key=plain, details=shaped(key, KeyAnswer)), 201)


def list_keys(call: Call) -> Response:
    """Return the keys, newest first, without their text."""
    from shared.web.listing import page_of

    keys, cursor = page_of(call, ApiKeys(call.doors.engine).all, _place_of, _place)
    return json_response(KeyList(keys=shaped(keys, list[KeyAnswer]), cursor=cursor))


def _place_of(key: ApiKey) -> tuple[object, ...]:
    return key.created_at, str(key.key_id)


def _place(created_at: str, key_id: str) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(created_at), UUID(key_id)


def revoke(call: Call) -> Response:
    """Make a key worthless from now on, and every key that was made with it."""
    ApiKeys(call.doors.engine).revoke(guid_in_path(call.request, "id"))
    return Response(204)


CREATE = Route(
    keys.CREATE,
    permission="key:write",
    summary=Text("Make an API key", "API キーの作成"),
    handle=create,
    changes="key.create",
    body=NewKey,
    answer=NewKeyAnswer,
    status=201,
    refuses={
        400: ("expiry_far", "expiry_past", "permission_unknown"),
        403: ("expiry_too_late", "scope_too_narrow", "tenant_forbidden"),
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
