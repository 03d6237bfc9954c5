"""The tenants Kanri serves: connect, list, look at, pause, resume, remove, check the consent."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core import access
from shared.core.access import Permission
from shared.core.act import tell
from shared.core.asked import MAX_TOP
from shared.core.text import Text
from shared.store.registers.approvals import Approval
from shared.store.registers.tags import change_tags
from shared.store.registers.tenants import Tenant, Tenants
from shared.web.http import Response, json_response
from shared.web.openapi_problems import ASKS_GRAPH, GRAPH_AWAY
from shared.web.parameters import CURSOR, flag, top
from shared.web.resources import tenants
from shared.web.resources.approvals.shapes import approval_answer, approval_link
from shared.web.resources.jobs.shapes import job_answer, job_link
from shared.web.resources.tenants.shapes import (
    ConnectedTenant,
    ConsentAnswer,
    NewTenant,
    PurgeAnswer,
    TenantAnswer,
    TenantChange,
    TenantList,
    consent_answer,
)
from shared.web.route import Call, Parameter, Route
from shared.web.shapes import shaped

if TYPE_CHECKING:
    from shared.core.coverage import TenantState


def connect(call: Call[NewTenant]) -> Response:
    """Connect the tenant in the body and say, permission by permission, what it has consented to."""
    from shared.usecases.connect_tenant import connect_tenant

    body = call.body
    tenant, consent = asyncio.run(
        connect_tenant(
            call.doors.engine,
            call.doors.fresh_graph(body.tenant_id),
            body.tenant_id,
            body.display_name,
        )
    )
    answer = ConnectedTenant(
        tenant=shaped(tenant, TenantAnswer), consent=consent_answer(consent, call.lang)
    )
    return json_response(answer)


def list_tenants(call: Call) -> Response:
    """Return the tenants that the caller may see."""
    from shared.web.listing import page_of

    every = partial(Tenants(call.doors.engine).all, only=call.caller.tenants_with("tenant:read"))
    seen, cursor = page_of(call, every, _place_of, _place, default=MAX_TOP)
    return json_response(TenantList(tenants=shaped(seen, list[TenantAnswer]), cursor=cursor))


def _place_of(tenant: Tenant) -> tuple[object, ...]:
    return tenant.display_name, str(tenant.tenant_id)


def _place(display_name: str, tenant_id: str) -> "tuple[str, UUID]":
    return display_name, UUID(tenant_id)


def read_tenant(call: Call) -> Response:
    """Return one tenant."""
    return _tenant_response(Tenants(call.doors.engine).get(call.tenant_id))


def change(call: Call[TenantChange]) -> Response:
    """Tag the tenant. Whoever has a role by a tag has it on the tenant at once."""
    body = call.body

    def may_give(permissions: frozenset[Permission]) -> None:
        access.require_holds(call.caller, permissions, None)

    change_tags(
        call.doors.engine,
        call.tenant_id,
        add=body.add_tags,
        remove=body.remove_tags,
        may_give=may_give,
    )
    return _tenant_response(Tenants(call.doors.engine).get(call.tenant_id))


def pause(call: Call) -> Response:
    """Stop collecting from the tenant; its data stays readable. Who pauses may resume."""
    return _set_state(call, "paused")


def resume(call: Call) -> Response:
    """Collect from the tenant again; only the operator ends an operator's pause."""
    return _set_state(call, "active")


def remove(call: Call) -> Response:
    """Remove the tenant, and with it its credentials; with `purge=true` its data too, for ever.

    A job deletes the data, at once or when a second person has approved of it.
    """
    from shared.usecases.dispatch import outgoing
    from shared.usecases.remove_tenant import remove_and_purge, remove_tenant

    doors = call.doors
    if not flag(call.request, "purge"):
        remove_tenant(doors.engine, call.tenant_id)
        return Response(204)
    tell(after={"purge": True})
    asked = remove_and_purge(doors.engine, doors.settings(), call.tenant_id, call.caller, call.now)
    if isinstance(asked, Approval):
        waiting = approval_answer(asked, call.lang, call.now)
        link = approval_link(asked.approval_id, call)
        return json_response(PurgeAnswer(approval=waiting), 202, Location=link)
    link = job_link(asked.job.job_id, call)
    response = json_response(PurgeAnswer(job=job_answer(asked.job)), 202, Location=link)
    response.messages = tuple(outgoing(asked.claims))
    return response


def read_consent(call: Call) -> Response:
    """Return what the tenant has consented to, as of now."""
    from shared.usecases.check_consent import check_consent
    from shared.usecases.note_consent import note_consent

    granted: list[frozenset[str]] = []
    graph = call.doors.fresh_graph(call.tenant_id)
    consent = asyncio.run(check_consent(graph, seen=granted.append))
    note_consent(call.doors.engine, call.tenant_id, granted[0], call.now)
    return json_response(consent_answer(consent, call.lang))


def _set_state(call: Call, state: "TenantState") -> Response:
    tenants = Tenants(call.doors.engine)
    by = call.caller.authority("tenant:write")
    return _tenant_response(tenants.set_state(call.tenant_id, state, by))


def _tenant_response(tenant: Tenant) -> Response:
    return json_response(shaped(tenant, TenantAnswer))


CONNECT = Route(
    tenants.CONNECT,
    permission="tenant:write",
    summary=Text("Connect a tenant", "テナントの接続"),
    handle=connect,
    every_tenant=True,
    changes="tenant.connect",
    body=NewTenant,
    answer=ConnectedTenant,
    refuses={
        400: ("tenant_not_in_entra",),
        409: ("app_not_in_tenant",),
        502: (*ASKS_GRAPH, *GRAPH_AWAY),
    },
)
LIST = Route(
    tenants.LIST,
    permission="tenant:read",
    summary=Text("List the tenants", "テナントの一覧"),
    handle=list_tenants,
    parameters=(top(Text("Tenants", "テナント"), default=MAX_TOP), CURSOR),
    answer=TenantList,
    also=(304,),
    headers=("ETag",),
)
READ = Route(
    tenants.READ,
    permission="tenant:read",
    summary=Text("Look at a tenant", "テナントの取得"),
    handle=read_tenant,
    tenant="connected",
    answer=TenantAnswer,
    also=(304,),
    headers=("ETag",),
)
CHANGE = Route(
    tenants.CHANGE,
    permission="tenant:write",
    summary=Text("Tag a tenant", "テナントのタグの変更"),
    handle=change,
    tenant="connected",
    changes="tenant.tag",
    every_tenant=True,
    body=TenantChange,
    answer=TenantAnswer,
    refuses={400: ("tags_many",)},
)
PAUSE = Route(
    tenants.PAUSE,
    permission="tenant:write",
    summary=Text("Pause collecting", "収集の一時停止"),
    handle=pause,
    tenant="connected",
    changes="tenant.pause",
    answer=TenantAnswer,
)
RESUME = Route(
    tenants.RESUME,
    permission="tenant:write",
    summary=Text("Resume collecting", "収集の再開"),
    handle=resume,
    tenant="connected",
    changes="tenant.resume",
    refuses={403: ("paused_by_operator",)},
    answer=TenantAnswer,
)
REMOVE = Route(
    tenants.REMOVE,
    permission="tenant:write",
    summary=Text("Remove a tenant", "テナントの削除"),
    handle=remove,
    tenant="known",
    changes="tenant.remove",
    every_tenant=True,
    parameters=(
        Parameter(
            "purge",
            Text("true: delete its data too.", "true を指定するとデータも削除します。"),
            {"type": "boolean", "default": False},
        ),
    ),
    status=202,
    also=(204,),
    answer=PurgeAnswer,
    headers=("Location",),
    refuses={409: ("tenant_on_hold",)},
)
CONSENT = Route(
    tenants.CONSENT,
    permission="tenant:read",
    summary=Text("Which permissions are granted?", "付与済みの権限の確認"),
    handle=read_consent,
    tenant="connected",
    share="administration",
    answer=ConsentAnswer,
    refuses={502: (*ASKS_GRAPH, *GRAPH_AWAY)},
)
