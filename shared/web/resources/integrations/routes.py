"""What Kanri is connected to, and how it fares."""

from collections.abc import Sequence

from shared.core.asked import choice
from shared.core.integration import FARES, INTEGRATIONS
from shared.core.registry import of
from shared.core.text import Text
from shared.usecases.read_integrations import Told, read_integrations
from shared.web.entity_tags import is_named, tag_of
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.reach import REFUSES, TENANT, reach_of, sight_of
from shared.web.resources import integrations
from shared.web.resources.integrations.shapes import ConnectionAnswer, IntegrationList
from shared.web.route import Call, Parameter, Route


def list_integrations(call: Call) -> Response:
    """Return how each connection fares: of the deployment for who may read every tenant's, and of the
    tenants that he may read it of. Nothing outside is asked: it is what past use has told."""
    from shared.web.listing import page_of

    asked, reach = call.request.query, reach_of(call, "integration:read")
    name = choice(asked, "integration", tuple(of(INTEGRATIONS)), "")
    state = choice(asked, "state", tuple(FARES), "")
    found = read_integrations(sight_of(call, reach), deployment=reach.deployment, name=name or None)
    found = [one for one in found if state in ("", one.connection.state)]

    def read(limit: int, after: tuple[str, str] | None) -> Sequence[Told]:
        return [one for one in found if after is None or _place_of(one) > after][:limit]

    page, cursor = page_of(call, read, _place_of, _place)
    shown = [_answer(one, call) for one in page]
    tag = tag_of([_told(one, call) for one in page], call.lang, cursor is None)
    if is_named(tag, call.request.headers.get("if-none-match", "")):
        return Response(304, b"", {"ETag": tag})
    answer = IntegrationList(looked_at=call.now, integrations=shown, cursor=cursor)
    return json_response(answer, ETag=tag)


def _place_of(one: Told) -> tuple[str, str]:
    return one.integration.name, str(one.connection.tenant_id or "")


def _place(name: str, tenant_id: str) -> tuple[str, str]:
    return str(name), str(tenant_id)


def _told(one: Told, call: Call) -> tuple[object, ...]:
    """What decides the answer, apart from its age: what answers just now, as ever, is no news."""
    connection = one.connection
    news = (at if at != call.now else None for at in (connection.success_at, connection.error_at))
    last = (*news, connection.error_code)
    return (*_place_of(one), connection.state, *last, sorted(connection.details.items()))


def _answer(one: Told, call: Call) -> ConnectionAnswer:
    connection, success = one.connection, one.connection.success_at
    age = None if success is None else max(0, int((call.now - success).total_seconds()))
    return ConnectionAnswer(
        integration=one.integration.name,
        title=one.integration.title.of(call.lang),
        tenant_id=connection.tenant_id,
        state=connection.state,
        meaning=FARES[connection.state].of(call.lang),
        last_success_at=success,
        age_seconds=age,
        last_error_at=connection.error_at,
        last_error_code=connection.error_code,
        details=dict(connection.details),
    )


LIST = Route(
    integrations.LIST,
    permission="integration:read",
    summary=Text("What is Kanri connected to?", "接続先とその状態"),
    handle=list_integrations,
    parameters=(
        TENANT,
        Parameter(
            "integration",
            Text("Only this integration.", "この接続先のみ。"),
            {"type": "string", "enum": list(of(INTEGRATIONS))},
        ),
        Parameter(
            "state",
            Text("Only what fares so.", "この状態のみ。"),
            {"type": "string", "enum": list(FARES)},
        ),
        TOP,
        CURSOR,
    ),
    answer=IntegrationList,
    also=(304,),
    headers=("ETag",),
    refuses=REFUSES,
)
