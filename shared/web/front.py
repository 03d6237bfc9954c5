"""The front door of the API: lets a request in or refuses it, and answers every error as a problem."""

import logging
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.core import access, clock
from shared.core.asked import check_names
from shared.core.errors import KanriError, TooManyRequests, Unauthenticated
from shared.core.logs import log, log_context, log_failure
from shared.usecases.authenticate import KEY_PREFIX, authenticate_key, authenticate_token
from shared.web.compression import compressed
from shared.web.http import Request, Response
from shared.web.language import error_language, language
from shared.web.problem import internal_problem, problem
from shared.web.route import Call, Route, tenant_in_path

if TYPE_CHECKING:
    from shared.web.services import Services
    from shared.web.shares import Shares

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def respond(route: Route, request: Request, services: "Services") -> Response:
    """Return the answer of `route` to `request`, a problem if anything goes wrong."""
    visit = _Visit(route, request, services)
    return visit.enter() or visit.answer()


async def respond_in_turn(
    route: Route, request: Request, services: "Services", shares: "Callable[[], Shares]"
) -> Response:
    """Answer as `respond` does, in a thread of the route's share, when the caller's turn has come.

    A route without a share touches nothing, and is answered on the event loop at once.
    """
    if (name := route.share_of(request)) is None:
        return respond(route, request, services)
    visit, threads = _Visit(route, request, services), shares()
    try:
        if route.permission == "anonymous":
            refused = visit.enter()
        else:
            refused = await threads.entry.run((_credential_kind(request),), visit.enter)
        if refused is not None:
            return refused
        return await threads.named(name).run(visit.claimants, visit.answer)
    except TooManyRequests as error:
        return visit.refuse(error)


class _Visit:
    """One request on its way in and out: whatever happens in a step, there is an answer."""

    def __init__(self, route: Route, request: Request, services: "Services") -> None:
        self._route, self._request, self._services = route, request, services
        self._request_id = _request_id(request)
        self._caller = access.ANYONE

    @property
    def claimants(self) -> tuple[str, ...]:
        """Those whose share the answer is taken from: the caller, and the tenant asked about."""
        tenant = self._request.route.get("tenant")
        return (self._caller.name, *([] if tenant is None else [f"tenant:{tenant.lower()}"]))

    def enter(self) -> Response | None:
        """Return None if the request is let in; why not, if not."""
        return self._guarded(self._let_in)

    def answer(self) -> Response:
        """Return the route's answer, compressed if that is worth it."""
        return self._guarded(self._handle)

    def refuse(self, error: KanriError) -> Response:
        """Return `error` as the answer."""

        def fail() -> Response:
            raise error

        return self._guarded(fail)

    def _guarded[T: Response | None](self, step: Callable[[], T]) -> T | Response:
        lang = error_language(self._request)
        with log_context(request=self._request_id, route=self._route.path):
            try:
                response = step()
            except KanriError as error:
                _log(error, self._caller)
                failure = problem(error, self._request, lang, self._request_id)
                if isinstance(error, Unauthenticated):
                    failure.headers["WWW-Authenticate"] = _challenge(self._services)
                return self._sealed(failure)
            except Exception as error:  # noqa: BLE001 - the outermost edge: logged, and answered as a problem
                log_failure("request_failed", error, caller=self._caller.name)
                return self._sealed(internal_problem(self._request, lang, self._request_id))
        if response is not None:
            self._sealed(response)
        return response

    def _sealed(self, response: Response) -> Response:
        response.headers["X-Request-Id"] = self._request_id
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def _let_in(self) -> None:
        """Who are you, may you, do you ask correctly: in this order, so that nothing leaks."""
        route, request = self._route, self._request
        if route.permission != "anonymous":
            self._caller = _caller(request, self._services)
            access.require(self._caller, route.permission)
        if route.every_tenant:
            access.require_every_tenant(self._caller)
        if "tenant" in request.route:
            access.require_tenant(self._caller, tenant_in_path(request))
        check_names(request.query, {"lang", *(parameter.name for parameter in route.parameters)})

    def _handle(self) -> Response:
        request = self._request
        lang, now = language(request), clock.now()
        body = _body(self._route, request)
        call = Call(request, self._services, self._caller, lang, now, body)
        response = self._route.handle(call)
        return compressed(response, request.headers.get("accept-encoding", ""))


def _body(route: Route, request: Request) -> object:
    if route.body is None:
        return None
    from shared.web.json_body import read_body

    return read_body(request, route.body)


def _caller(request: Request, services: "Services") -> access.Caller:
    credential = request.headers.get("x-api-key", "")
    if not credential:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not credential.strip():
            raise Unauthenticated("credentials_missing")
    credential = credential.strip()
    if credential.startswith(KEY_PREFIX):
        return authenticate_key(credential, services.api_keys())
    home = services.settings().home_tenant_id
    return authenticate_token(
        credential,
        services.access_tokens(),
        services.tenants,
        uuid.UUID(home) if home else None,
    )


def _credential_kind(request: Request) -> str:
    """Who sends a token may have to wait for Entra; who sends a key never waits behind them."""
    sent = request.headers.get("x-api-key", "") + request.headers.get("authorization", "")
    return "keys" if KEY_PREFIX in sent else "tokens"


def _challenge(services: "Services") -> str:
    """Where to get a token: Power Query and others follow `authorization_uri`."""
    settings = services.settings()
    tenant = settings.home_tenant_id or "organizations"
    return f'Bearer authorization_uri="{settings.authority_host}/{tenant}/oauth2/authorize"'


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _log(error: KanriError, caller: access.Caller) -> None:
    level = logging.ERROR if error.status >= 500 else logging.INFO
    log("request_refused", level=level, code=error.code, caller=caller.name)
