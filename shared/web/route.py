"""What a route declares: path, permission, parameters, body, answer and handler, side by side."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from msgspec import Struct

from shared.core import access
from shared.core.access import Caller, Permission, is_permission
from shared.core.declarations import of
from shared.core.errors import BadRequest, PreconditionFailed
from shared.core.format import FORMATS
from shared.core.text import Lang, Text
from shared.web.cursor import Cursors
from shared.web.endpoint import Endpoint, Method
from shared.web.http import Request, Response

if TYPE_CHECKING:
    from shared.core.rate_limit import Doing
    from shared.web.doors import Doors
    from shared.web.shares import ShareName
    from shared.web.text_body import TextBody

type Schema = Mapping[str, object]

# PostgreSQL holds no null character.
TEXT: Schema = {"type": "string", "pattern": r"^[^\u0000]*$"}

# The host keeps what begins with the first two for itself, and of two routes that fit it takes the
# one whose function has the earlier name: a page that begins with a name in braces could stand
# before the API. https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook
_PAGES_MAY_NOT = r"(?i)admin|runtime|api(/|$)|\{|/|$"

_GUID = re.compile(r"\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE | re.ASCII)


class Parameter(Struct, frozen=True):
    """One query parameter; `schema` is its JSON Schema, `codes` are those of its refusals (400)."""

    name: str
    summary: Text
    schema: Schema
    example: str | int | bool | None = None
    codes: tuple[str, ...] = ("value_not_allowed",)


class Call[B = None](Struct, frozen=True):
    """A request that was let in: who asks, since when, in which language, and the doors to use.

    `body` is what the route takes, read and checked; None if it takes nothing.
    """

    request: Request
    doors: "Doors"
    caller: Caller
    lang: Lang
    now: datetime
    body: B

    @property
    def tenant_id(self) -> UUID:
        """The tenant in the path; the caller's right to it has been checked."""
        return tenant_in_path(self.request)

    def require_current(self, tag: str) -> None:
        """Raise PreconditionFailed unless `tag`, of what a guarded route changes, is what he has seen."""
        from shared.web.entity_tags import is_current

        if not is_current(tag, self.request.headers.get("if-match", "")):
            raise PreconditionFailed("changed_meanwhile", parameter="If-Match")

    @property
    def cursors(self) -> Cursors:
        """The page cursors of this caller."""
        return Cursors(lambda: self.doors.secrets().cursor_key, self.caller.name)


class Route[B = Any](Struct, frozen=True):
    """What stands at an endpoint, and who may use it.

    `permission` has no default: a route says who may use it, or aloud that it is whoever is
    `signed_in`, or `anonymous`. `tenant` says of
    the tenant in the path whether it must be `connected`, or only `known`, as a removed one is;
    `none` stands in a path that names none. The front sees to it. `every_tenant` asks for a caller
    who holds the permission on all tenants. `further` is the permission that what the path names takes besides.
    `guarded` asks for the entity tag of what is to be changed, in If-Match.
    `shown_once` names fields of the answer that are kept nowhere: null when it is given again.
    `from_anywhere` lets in whoever holds the permission on all tenants, whatever addresses a tenant
    allows, as `every_tenant` does.
    `changes` is what the audit log calls the act, `noun.verb`: every method
    but GET has one. `reads` is what it calls the reading of personal data.
    `body` is what it takes and `answer` what it gives, as JSON; `text` is a file that it takes instead. `also` are
    statuses beside `status` that are no problem: 204 and 304, which have no body, and others, which
    have the same answer. One that reads and names 304 may be kept, and asked for again by its tag:
    the handler's, or the front's. `headers` name what the answer has beside the usual ones, `refuses` the error codes
    by status that nothing else of the route tells. `share` says whose threads answer it, "none"
    that it touches nothing; left out, it follows from what is asked.
    """

    endpoint: Endpoint
    permission: Permission | Literal["anonymous", "signed_in"]
    summary: Text
    handle: Callable[[Call[B]], Response]
    tenant: Literal["none", "known", "connected"] = "none"
    changes: str | None = None
    reads: str | None = None
    every_tenant: bool = False
    guarded: bool = False
    shown_once: tuple[str, ...] = ()
    from_anywhere: bool = False
    further: Callable[[Request], Permission] | None = None
    parameters: tuple[Parameter, ...] = ()
    body: "type[B] | None" = None
    text: "TextBody | None" = None
    answer: "type[Struct] | None" = None
    status: int = 200
    also: tuple[int, ...] = ()
    share: "ShareName | Literal['none'] | None" = None
    headers: tuple[str, ...] = ()
    refuses: Mapping[int, tuple[str, ...]] = {}

    @property
    def method(self) -> Method:
        """The HTTP method."""
        return self.endpoint.method

    @property
    def path(self) -> str:
        """The path below `api/`, of a page from the root on; names in braces."""
        return self.endpoint.path

    @property
    def repeatable(self) -> bool:
        """Whether a caller may send it again and again under one Idempotency-Key (web.idempotency).

        That is every POST of API callers that changes something; the other methods are by nature.
        """
        known = self.permission != "anonymous"
        return self.endpoint.kind == "api" and self.method == "POST" and known

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that its answer may be asked for in, the usual one first; none where it has one."""
        schemas = [one.schema for one in self.parameters if one.name == "format"]
        forms = schemas[0].get("enum") if schemas else None
        return tuple(map(str, forms)) if isinstance(forms, list) else ()

    @property
    def confirms(self) -> bool:
        """Whether a copy of its answer may be kept, to be used again once it is confirmed (304)."""
        return self.method == "GET" and 304 in self.also

    @property
    def noun(self) -> str:
        """The package below `shared.web.resources` that the route is of."""
        return self.handle.__module__.rpartition(".")[0]

    def __post_init__(self) -> None:
        """Refuse what contradicts itself; ValueError says what."""
        named = self.permission in ("anonymous", "signed_in")
        if not named and not is_permission(self.permission):
            raise ValueError(f"{self.path}: no such permission {self.permission}")
        if (self.method == "GET") != (self.changes is None):
            raise ValueError(f"{self.path}: what changes has a name, and what reads has none")
        if self.changes is not None and self.reads is not None:
            raise ValueError(f"{self.path}: what changes is told as that, not as a reading")
        if self.endpoint.kind == "page" and re.match(_PAGES_MAY_NOT, self.path):
            raise ValueError(f"{self.path}: a page's path begins with a word that is nobody else's")
        if ("{tenant}" in self.path.split("/")) != (self.tenant != "none"):
            raise ValueError(f"{self.path}: a tenant in the path is known or connected")
        if self.permission in ("anonymous", "signed_in") and self.tenant != "none":
            raise ValueError(f"{self.path}: nobody is told which tenants there are")

    def permit(self, caller: Caller, request: Request) -> None:
        """Raise Forbidden unless the caller may use the route, on the tenant that the path names."""
        if self.permission in ("anonymous", "signed_in"):
            return
        access.require(caller, self.permission)
        if self.every_tenant:
            access.require_everywhere(caller, self.permission)
        if self.tenant != "none":
            access.require_on(caller, self.permission, tenant_in_path(request))

    def check_queues(self, response: Response) -> None:
        """Raise RuntimeError for a message to a queue without output binding: it would be lost unsaid."""
        for sent in response.messages:
            if sent.queue not in self.endpoint.queues:
                raise RuntimeError(f"{self.path} does not declare the queue {sent.queue}")

    @property
    def limited(self) -> bool:
        """Whether limits hold here: not for what touches nothing, nor for the probe of readiness."""
        return self.share not in ("none", "readiness")

    def doing(self, request: Request) -> "Doing | None":
        """Return what `request` is counted as; None where no limits hold."""
        if not self.limited:
            return None
        if self.changes is not None:
            return "writing"
        return "exporting" if self.share_of(request) == "export" else "reading"

    def share_of(self, request: Request) -> "ShareName | None":
        """Return the share that `request` is answered by, None if it needs no thread."""
        if self.share is not None:
            return None if self.share == "none" else self.share
        if self.method != "GET":
            return "administration"
        asked = request.query.get("format", "")
        form = of(FORMATS).get(asked)
        exports = form is not None and form.needs_all_rows
        return "export" if exports else "reading"


def tenant_in_path(request: Request) -> UUID:
    """Return the tenant id in the path; BadRequest if it is not a GUID."""
    return guid_in_path(request, "tenant")


def guid_in_path(request: Request, name: str) -> UUID:
    """Return the GUID called `name` in the path, BadRequest if it is none."""
    return as_guid(name, request.route[name])


def as_guid(name: str, value: str) -> UUID:
    """Return what was given as `name` as a GUID, BadRequest if it is none.

    It may be in braces or without hyphens. Python would also take digits of other scripts, `0x` and
    `_`.
    """
    if _GUID.fullmatch(value) is None:
        raise BadRequest("guid_expected", parameter=name, value=value)
    return UUID(value)
