"""Tells the audit log of a request: what it changes, that it was refused, whose data it reads.

All of it follows from the route's declaration; a handler tells at most what was before and is after
(`core.act.tell`). What is told of an act is stored in the act's own transaction: what cannot be told
does not happen. A refusal stays one even if it cannot be told.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from shared.core import clock
from shared.core.access import ANYONE, Caller
from shared.core.act import Told, listening
from shared.core.audit import DONE, AuditEvent, json_text
from shared.core.errors import BadRequest, StoreUnavailable
from shared.core.logs import log_failure
from shared.core.names import shown
from shared.core.work import DEPLOYMENT
from shared.web.credentials import address_of
from shared.web.http import Request, Response
from shared.web.route import Route, tenant_in_path

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from shared.web.doors import Doors

# A body or a parameter that does not fit: broken, unknown, too large, or of another type.
_MALFORMED = (400, 413, 415)


class Witness:
    """Sees one request through. `own_tenant` is the tenant in the path once the caller was let in to it."""

    def __init__(self, route: Route, request: Request, request_id: str, doors: "Doors") -> None:
        self._route, self._request, self._doors = route, request, doors
        self._request_id = request_id
        self.caller: Caller = ANYONE
        self.own_tenant: UUID | None = None
        self._handling = False

    def see(self, handle: Callable[[], Response]) -> Response:
        """Return what `handle` answers, told as the route declares."""
        self._handling = True
        if self._route.changes is None:
            response = handle()
            if self._route.reads is not None:
                self._tell_reading(self._route.reads, response)
            return response
        with listening() as told:
            return self._see_change(handle, told)

    def _see_change(self, handle: Callable[[], Response], told: Told) -> Response:
        from shared.store.session.sessions import closing_with

        log = self._doors.audit()
        stored = False

        def store(connection: "Connection") -> None:
            nonlocal stored
            stored = stored or log.tell_within(connection, self._event(DONE, told))

        with closing_with(store):
            response = handle()
        # Nothing had to be written: it was as it should be. What is answered again is no act.
        if not stored and not response.replayed:
            log.tell(self._event(DONE, told))
        return response

    def tell_refusal(self, code: str, status: int) -> None:
        """Tell that the request was refused with `code`, or that an act of it came to nothing.

        Input that does not fit is a signal: that it came is told, never what it was.
        """
        acted = self._handling and self._route.changes is not None
        malformed = status in _MALFORMED and not acted
        if malformed and self.caller is ANYONE and self._route.changes is None:
            return  # What anybody may read, liveness above all, asks the database nothing.
        if not (acted or malformed or status in (401, 403)):
            return
        try:
            log, event = self._doors.audit(), self._event(code, Told())
            if malformed:
                log.tell_malformed(event)
            else:
                log.tell_refusal(event)
        except Exception as error:  # noqa: BLE001 - whatever fails, the refusal is the answer
            log_failure("refusal_untold", error, code=code)

    def tell_block(self, counted: str, subject: str, seconds: int) -> None:
        """Tell the deployment's chain that `subject` is shut out; it is also if it cannot be told.

        An address stands where the event has its own, which is masked, and nowhere else.
        """
        target = "address" if counted == "address" else f"{counted}:{subject}"
        told = Told(target=target, after={"seconds": seconds})
        try:
            self._doors.audit().tell(self._event(DONE, told, act="sign_in.block"))
        except StoreUnavailable as error:
            log_failure("block_untold", error, counted=counted)

    def _tell_reading(self, act: str, response: Response) -> None:
        """What is masked is nobody's data, and a 304 shows none. A file is told each time it is made."""
        if response.status != 200 or response.headers.get("Kanri-Personal-Data") == "masked":
            return
        log = self._doors.audit()
        for tenant_id in (None,) if response.shows is None else response.shows:
            if self._route.share_of(self._request) == "export":
                rows = response.headers.get("Kanri-Row-Count", "")
                after: dict[str, object] = {"rows": int(rows)} if rows.isdecimal() else {}
                told = Told(after=after, tenant_id=tenant_id)
                log.tell(self._event(DONE, told, act=f"{act.partition('.')[0]}.export"))
            else:
                log.tell_reading(self._event(DONE, Told(tenant_id=tenant_id), act=act))

    def _event(self, result: str, told: Told, act: str | None = None) -> AuditEvent:
        route, caller = self._route, self.caller
        moment: datetime = clock.now()
        address = address_of(self._request, self._doors.settings())
        return AuditEvent(
            tenant_id=told.tenant_id or self.own_tenant or DEPLOYMENT,
            at=moment,
            act=act or route.changes or route.reads or route.endpoint.function,
            result=result,
            caller=caller.name,
            authority=self._authority(),
            address=None if address is None else str(address),
            target=told.target or self._target(),
            request_id=self._request_id,
            before=json_text(told.before),
            after=json_text(told.after),
        )

    def _authority(self) -> str:
        """What the caller is, and as whom he does what the route asks a permission for."""
        caller, permission = self.caller, self._route.permission
        if caller is ANYONE:
            return "anonymous"
        if permission in ("anonymous", "signed_in"):
            return caller.kind
        return f"{caller.kind} {caller.authority(permission)}"

    def _target(self) -> str | None:
        """What the path names: beside the tenant, or the tenant where its chain is not the event's."""
        names = {name: value for name, value in self._request.route.items() if name != "tenant"}
        if names:
            return shown("/".join(names.values()))[:200]
        if "tenant" not in self._request.route or self.own_tenant is not None:
            return None
        try:
            return f"tenant:{tenant_in_path(self._request)}"
        except BadRequest:
            return None
