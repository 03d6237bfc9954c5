"""Roles in JSON."""

from typing import Annotated

from msgspec import Meta

from shared.core.wire import Instant
from shared.web.resources.keys.shapes import Permissions
from shared.web.shapes import PLAIN, Answer, Body

type _Title = Annotated[str, Meta(min_length=1, max_length=100, pattern=PLAIN)]


class NewRole(Body):
    """Define a role: its id, which stays, a title for people, and what it may do."""

    role: Annotated[str, Meta(max_length=50, pattern=r"^[a-z][a-z0-9_]*$(?!\n)")]
    title: _Title
    permissions: Permissions


class RoleChange(Body):
    """What is not named stays as it is."""

    title: _Title | None = None
    permissions: Permissions | None = None


class RoleAnswer(Answer):
    """A role. `appRole` is the value in the `roles` claim of a token that stands for it.

    A built-in role has no maker and no instants, and cannot be changed.
    """

    role: str
    title: str
    description: str | None
    built_in: bool
    app_role: str | None
    permissions: list[str]
    made_by: str | None = None
    created_at: Instant | None = None
    updated_at: Instant | None = None


class RoleList(Answer):
    roles: list[RoleAnswer]
    cursor: str | None = None
