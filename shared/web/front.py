"""The front door: lets a request in or refuses it, and answers every error as a problem.

Whatever holds for many routes is decided here, once, a step a function; a handler only answers:
  turn away      whoever is known to have to wait (`limiting`), before he takes a thread
  admit          is his address let in here at all (`limiting`)
  identify       who asks (`credentials`), and the tenant in the path: who reads may be remembered
  spend          limits of the caller, his address and the tenant (`limiting`)
  permit         the permission, on which tenants, and from where these let him in
  check names    query parameters, what stands for a name in the path; a format (`accepting`)
  find           is the tenant known, or connected, as the route declares; may he have what he names there
  -- its turn    the share of threads (`shares`): how much of the caller and of the tenant at once
  read body      as the type that the route declares; first, where it is guarded, is If-Match there
  handle         the route's own, or what it answered when the same came before (`idempotency`); who
                 was remembered is confirmed by then, or looked up and let in anew (`known_access`);
                 and with it its audit event, by the act's declared name (`witness`); 304 for a copy
                 that is still right (`entity_tags`); gzip (`compression`)
  seal           request id, what browsers are to refuse, what is left of the limits; whatever was
                 raised before is a problem by then, in the form of the route's kind
  leave          counted with what each stage took (`measuring`)
"""

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.core import access, clock
from shared.core.asked import check_names, check_storable
from shared.core.errors import (
    Forbidden,
    KanriError,
    NotFound,
    PreconditionRequired,
    TooManyRequests,
    Unauthenticated,
)
from shared.core.logs import log, log_context, log_failure
from shared.usecases.check_tenant import check_connected, check_known
from shared.web.accepting import as_accepted, check_accepted
from shared.web.compression import compressed
from shared.web.credentials import challenge, credential_kind, identify
from shared.web.entity_tags import confirmed
from shared.web.http import Request, Response
from shared.web.idempotency import key_of, once
from shared.web.language import error_language, language
from shared.web.limiting import Limiting
from shared.web.measuring import Measuring
from shared.web.problem import internal_problem, problem
from shared.web.request_id import id_of
from shared.web.route import Call, Route, tenant_in_path
from shared.web.security_headers import SECURITY_HEADERS
from shared.web.witness import Witness

if TYPE_CHECKING:
    from shared.core.found_tenant import FoundTenant
    from shared.core.stopwatch import Stage
    from shared.store.registers.known_access import Trust
    from shared.web.doors import Doors
    from shared.web.endpoint import Kind
    from shared.web.shares import ShareName, Shares


def respond(route: Route, request: Request, doors: "Doors") -> Response:
    """Return the answer of `route` to `request`, a problem if anything goes wrong."""
    visit = _Visit(route, as_accepted(route, request), doors)
    return visit.leave(visit.turn_away() or visit.enter() or visit.answer())


async def respond_in_turn(
    route: Route, request: Request, doors: "Doors", shares: "Callable[[], Shares]"
) -> Response:
    """Answer as `respond` does, in a thread of the route's share, when the caller's turn has come.

    A route without a share touches nothing, and is answered on the event loop at once.
    """
    request = as_accepted(route, request)
    if (name := route.share_of(request)) is None:
        return respond(route, request, doors)
    visit = _Visit(route, request, doors)
    return visit.leave(await _in_turn(visit, route, request, shares(), name))


async def _in_turn(
    visit: "_Visit", route: Route, request: Request, threads: "Shares", name: "ShareName"
) -> Response:
    if (refused := visit.turn_away()) is not None:
        return refused
    try:
        if route.permission == "anonymous" and not route.limited:
            refused = visit.enter()
        else:
            refused = await threads.entry.run((credential_kind(request),), visit.enter)
        if refused is not None:
            return refused
        return await threads.named(name).run(visit.claimants, visit.answer)
    except TooManyRequests as error:
        return visit.refuse(error)


class _Visit:
    """One request on its way in and out: whatever happens in a step, there is an answer."""

    def __init__(self, route: Route, request: Request, doors: "Doors") -> None:
        self._route, self._request, self._doors = route, request, doors
        self._request_id = id_of(request)
        self._measuring = Measuring(route, request, self._request_id, doors)
        self._witness = Witness(route, request, self._request_id, doors)
        self._caller = access.ANYONE
        self._limiting = Limiting(route, request, doors, self._witness)
        self._tenant: FoundTenant | None = None
        self._trust: Trust | None = None

    @property
    def _kind(self) -> "Kind":
        return self._route.endpoint.kind

    @property
    def claimants(self) -> tuple[str, ...]:
        """Those whose share the answer is taken from: the caller, and the tenant asked about.

        However an id is spelled, it is the same tenant. Only for a request that was let in.
        """
        tenants = [] if self._route.tenant == "none" else [tenant_in_path(self._request)]
        return (self._caller.name, *(f"tenant:{tenant}" for tenant in tenants))

    def turn_away(self) -> Response | None:
        """Return why the request need not even be looked at; None if it has to be. Takes no thread."""
        return self._guarded(self._limiting.turn_away, "checks")

    def enter(self) -> Response | None:
        """Return None if the request is let in; why not, if not."""
        return self._guarded(self._let_in, "checks")

    def answer(self) -> Response:
        """Return the route's answer, compressed if that is worth it."""
        return self._guarded(self._handle)

    def refuse(self, error: KanriError) -> Response:
        """Return `error` as the answer."""

        def fail() -> Response:
            raise error

        return self._guarded(fail)

    def leave(self, response: Response) -> Response:
        """Return the answer, counted with what it took."""
        return self._measuring.left(response)

    def _guarded[T: Response | None](
        self, step: Callable[[], T], stage: "Stage | None" = None
    ) -> T | Response:
        lang = error_language(self._request)
        with (
            self._measuring.step(stage),
            log_context(request=self._request_id, route=self._route.path),
        ):
            try:
                response = step()
            except KanriError as error:
                self._measuring.refused(error.code)
                _log(error, self._caller)
                self._witness.tell_refusal(error.code, error.status)
                failure = problem(error, self._request, lang, self._request_id, self._kind)
                if isinstance(error, Unauthenticated):
                    failure.headers["WWW-Authenticate"] = challenge(self._doors)
                return self._sealed(failure)
            except Exception as error:  # noqa: BLE001 - the outermost edge: logged, and answered as a problem
                self._measuring.refused("internal")
                log_failure("request_failed", error, caller=self._caller.name)
                self._witness.tell_refusal("internal", 500)
                failure = internal_problem(self._request, lang, self._request_id, self._kind)
                return self._sealed(failure)
        if response is not None:
            self._sealed(response)
        return response

    def _sealed(self, response: Response) -> Response:
        response.headers["X-Request-Id"] = self._request_id
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.update(self._limiting.headers)
        return response

    def _let_in(self) -> None:
        """Who are you, may you, do you ask correctly, is it there: in this order nothing leaks."""
        self._limiting.admit()
        self._identify(remembered=self._route.changes is None)
        self._limiting.spend(self._caller, self._witness.own_tenant)
        try:
            self._check()
        except (Forbidden, NotFound):
            if self._trust is None or self._trust.version is None:
                raise
            self._look_again()  # Nobody is refused by what is only remembered.

    def _look_again(self) -> None:
        self._identify(remembered=False)
        self._check()

    def _check(self) -> None:
        self._route.permit(self._caller, self._request)
        self._check_origin()
        names = (parameter.name for parameter in self._route.parameters)
        check_names(self._request.query, {"lang", *names})
        check_accepted(self._route, self._request)
        for name, value in self._request.route.items():
            check_storable(name, value)
        self._find_tenant()
        if self._route.further is not None:
            tenant_id = tenant_in_path(self._request)
            access.require_on(self._caller, self._route.further(self._request), tenant_id)

    def _identify(self, *, remembered: bool) -> None:
        if self._route.permission != "anonymous":
            from shared.store.registers.known_access import Trust

            self._trust = Trust(self._doors.known_access(), takes=remembered)
            self._witness.own_tenant = None
            self._measuring.enter("authentication")
            try:
                self._caller, self._tenant = identify(self._request, self._doors, self._trust)
            except Unauthenticated as error:
                self._measuring.enter("checks")
                raise self._limiting.failed(error) from None
            self._measuring.enter("checks")
            if self._route.tenant == "none":
                self._caller = self._limiting.shut_out(self._caller)
            self._witness.caller = self._caller
            if self._tenant is not None and self._caller.sees(tenant_in_path(self._request)):
                self._witness.own_tenant = tenant_in_path(self._request)

    def _check_origin(self) -> None:
        """A tenant shuts out nobody who acts as the operator of all, lest nobody could let it in again."""
        tenant, route = self._tenant, self._route
        if tenant is None or self._limiting.lets_in(tenant.lists):
            return
        of_operators = route.every_tenant or route.from_anywhere
        if not of_operators or self._caller.authority(route.permission) != "operator":
            raise Forbidden("address_not_allowed")

    def _find_tenant(self) -> None:
        state = None if self._tenant is None else self._tenant.state
        if self._route.tenant == "connected":
            check_connected(tenant_in_path(self._request), state)
        elif self._route.tenant == "known":
            check_known(tenant_in_path(self._request), state)

    def _handle(self) -> Response:
        if self._trust is None:
            return self._handled()
        return self._trust.proven(self._handled, self._look_again)

    def _handled(self) -> Response:
        request = self._request
        lang, now = language(request), clock.now()
        if self._route.guarded and not request.headers.get("if-match"):
            raise PreconditionRequired("if_match_missing", parameter="If-Match")
        key = key_of(self._route, request)
        body = _body(self._route, request)
        call = Call(request, self._doors, self._caller, lang, now, body)
        response = self._witness.see(lambda: self._answered(call, key))
        if self._route.confirms:
            response = confirmed(response, request.headers.get("if-none-match", ""))
        if not response.replayed:
            self._tell_change()
        return compressed(response, request.headers.get("accept-encoding", ""))

    def _answered(self, call: Call[object], key: str | None) -> Response:
        try:
            response = once(self._route, key, call, lambda: self._route.handle(call))
        finally:
            if self._trust is not None:  # Nothing is told, not even an error, on trust alone.
                self._trust.settle(self._doors.engine)
        self._route.check_queues(response)
        return response

    def _tell_change(self) -> None:
        """Say who did what to which tenant, by the act's name, once it is done."""
        if self._route.changes is not None:
            tenant = self._request.route.get("tenant")
            log("changed", act=self._route.changes, caller=self._caller.name, tenant=tenant)


def _body(route: Route, request: Request) -> object:
    if route.text is not None:
        from shared.web.text_body import read_text_body

        return read_text_body(request, route.text)
    if route.body is None:
        return None
    from shared.web.json_body import read_body

    return read_body(request, route.body)


def _log(error: KanriError, caller: access.Caller) -> None:
    # Who is told to wait is counted as a metric: what he sends meanwhile must not fill the log.
    usual = logging.DEBUG if isinstance(error, TooManyRequests) else logging.INFO
    level = logging.ERROR if error.status >= 500 else usual
    log("request_refused", level=level, code=error.code, caller=caller.name)
