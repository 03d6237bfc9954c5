"""Roles: the built-in ones, and those that the deployment defines for itself."""

from shared.core import access
from shared.core.access import known_permissions
from shared.core.errors import Conflict
from shared.core.registry import of
from shared.core.role import ROLES
from shared.core.role_permissions import ROLE_PERMISSIONS
from shared.core.text import Lang, Text
from shared.store.registers.roles import OwnRole, Roles
from shared.web.entity_tags import strong_tag_of
from shared.web.http import Response, json_response
from shared.web.parameters import CURSOR, TOP
from shared.web.resources import roles
from shared.web.resources.keys.shapes import checked_permissions
from shared.web.resources.roles.shapes import NewRole, RoleAnswer, RoleChange, RoleList
from shared.web.route import Call, Route


def create(call: Call[NewRole]) -> Response:
    """Define a role, with permissions that the caller holds on every tenant."""
    body = call.body
    access.require_holds(call.caller, checked_permissions(body.permissions), None)
    made = Roles(call.doors.engine).create(
        body.role, body.title, sorted(set(body.permissions)), call.caller.name
    )
    return _response(_own(made), 201)


def list_roles(call: Call) -> Response:
    """Return every role: the built-in ones and the deployment's own, by id."""
    from shared.web.listing import page_of

    own = [_own(role) for role in Roles(call.doors.engine).all()]
    every = sorted([*(_built_in(name, call.lang) for name in of(ROLES)), *own], key=_id)

    def read(limit: int, after: str | None) -> list[RoleAnswer]:
        return [role for role in every if after is None or role.role > after][:limit]

    page, cursor = page_of(call, read, lambda role: [role.role], str)
    return json_response(RoleList(roles=page, cursor=cursor))


def read_role(call: Call) -> Response:
    """Return one role."""
    name = call.request.route["role"]
    if name in of(ROLES):
        return _response(_built_in(name, call.lang))
    return _response(_own(Roles(call.doors.engine).get(name)))


def change(call: Call[RoleChange]) -> Response:
    """Change a role of the deployment's own; whoever has it may do what it says now, at once."""
    name, body = _changeable(call), call.body
    wanted = None if body.permissions is None else checked_permissions(body.permissions)

    def check(role: OwnRole) -> None:
        call.require_current(_tag(_own(role)))
        held = {*known_permissions(role.permissions), *(wanted or ())}
        access.require_holds(call.caller, held, None)

    permissions = None if wanted is None else sorted(wanted)
    changed = Roles(call.doors.engine).change(name, body.title, permissions, check)
    return _response(_own(changed))


def delete(call: Call) -> Response:
    """Delete a role of the deployment's own that nobody has."""

    def check(role: OwnRole) -> None:
        call.require_current(_tag(_own(role)))
        access.require_holds(call.caller, known_permissions(role.permissions), None)

    Roles(call.doors.engine).delete(_changeable(call), check)
    return Response(204)


def _changeable[B](call: Call[B]) -> str:
    name = call.request.route["role"]
    if name in ROLE_PERMISSIONS:
        raise Conflict("role_built_in", parameter="role", value=name)
    return name


def _response(role: RoleAnswer, status: int = 200) -> Response:
    return json_response(role, status, ETag=_tag(role))


def _tag(role: RoleAnswer) -> str:
    return strong_tag_of(role.role, role.title, role.permissions, role.updated_at)


def _id(role: RoleAnswer) -> str:
    return role.role


def _built_in(name: str, lang: Lang) -> RoleAnswer:
    role = of(ROLES)[name]
    return RoleAnswer(
        role=name,
        title=role.title.of(lang),
        description=role.description.of(lang),
        built_in=True,
        app_role=role.app_role,
        permissions=sorted(ROLE_PERMISSIONS[name]),
    )


def _own(role: OwnRole) -> RoleAnswer:
    return RoleAnswer(
        role=role.role,
        title=role.title,
        description=None,
        built_in=False,
        app_role=None,
        permissions=list(role.permissions),
        made_by=role.made_by,
        created_at=role.created_at,
        updated_at=role.updated_at,
    )


CREATE = Route(
    roles.CREATE,
    permission="role:write",
    summary=Text("Define a role", "役割の作成"),
    handle=create,
    changes="role.create",
    every_tenant=True,
    body=NewRole,
    answer=RoleAnswer,
    status=201,
    headers=("ETag",),
    refuses={400: ("permission_unknown",), 409: ("role_exists",)},
)
LIST = Route(
    roles.LIST,
    permission="role:read",
    summary=Text("List the roles", "役割の一覧"),
    handle=list_roles,
    parameters=(TOP, CURSOR),
    answer=RoleList,
    also=(304,),
    headers=("ETag",),
)
READ = Route(
    roles.READ,
    permission="role:read",
    summary=Text("Look at a role", "役割の取得"),
    handle=read_role,
    answer=RoleAnswer,
    headers=("ETag",),
    refuses={404: ("role_unknown",)},
)
CHANGE = Route(
    roles.CHANGE,
    permission="role:write",
    summary=Text("Change a role", "役割の変更"),
    handle=change,
    changes="role.change",
    every_tenant=True,
    guarded=True,
    body=RoleChange,
    answer=RoleAnswer,
    headers=("ETag",),
    refuses={400: ("permission_unknown",), 404: ("role_unknown",), 409: ("role_built_in",)},
)
DELETE = Route(
    roles.DELETE,
    permission="role:write",
    summary=Text("Delete a role", "役割の削除"),
    handle=delete,
    changes="role.delete",
    every_tenant=True,
    guarded=True,
    status=204,
    refuses={404: ("role_unknown",), 409: ("role_built_in", "role_in_use")},
)
