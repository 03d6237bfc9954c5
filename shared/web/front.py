"""The front door of the API: lets a request in or refuses it, and answers every error as a problem."""

import logging
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from shared.core import access, clock
from shared.core.errors import BadRequest, KanriError, Unauthenticated
from shared.core.logs import log, log_context, log_failure
from shared.usecases.authenticate import KEY_PREFIX, authenticate_key, authenticate_token
from shared.web.compression import compressed
from shared.web.http import Request, Response, joined
from shared.web.language import error_language, language
from shared.web.parameters import is_storable
from shared.web.problem import internal_problem, problem
from shared.web.route import Call, Route, tenant_in_path

if TYPE_CHECKING:
    from shared.web.services import Services

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def respond(route: Route, request: Request, services: "Services") -> Response:
    """Return the answer of `route` to `request`, a problem if anything goes wrong."""
    return _guarded(route, request, services, lambda response: response)


def respond_in_one_piece(route: Route, request: Request, services: "Services") -> Response:
    """Answer as `respond` does, the body read to its end: a failure on the way is a problem too."""
    return _guarded(route, request, services, joined)


def _guarded(
    route: Route, request: Request, services: "Services", read: Callable[[Response], Response]
) -> Response:
    request_id = _request_id(request)
    lang = error_language(request)
    with log_context(request=request_id, route=route.path):
        try:
            answer = _answer(route, request, services)
            response = read(compressed(answer, request.headers.get("accept-encoding", "")))
        except KanriError as error:
            _log(error)
            response = problem(error, request, lang, request_id)
            if isinstance(error, Unauthenticated):
                response.headers["WWW-Authenticate"] = _challenge(services)
        except Exception as error:  # noqa: BLE001 - the outermost edge: logged, and answered as a problem
            log_failure("request_failed", error)
            response = internal_problem(request, lang, request_id)
    response.headers["X-Request-Id"] = request_id
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _answer(route: Route, request: Request, services: "Services") -> Response:
    """Who are you, may you, do you ask correctly: in this order, so that nothing leaks."""
    caller = access.ANYONE
    if route.permission != "anonymous":
        caller = _caller(request, services)
        access.require(caller, route.permission)
    if route.every_tenant:
        access.require_every_tenant(caller)
    if "tenant" in request.route:
        access.require_tenant(caller, tenant_in_path(request))
    _check_parameters(route, request)
    return route.handle(Call(request, services, caller, language(request), clock.now()))


def _check_parameters(route: Route, request: Request) -> None:
    known = {"lang", *(parameter.name for parameter in route.parameters)}
    for name, value in request.query.items():
        if name not in known:
            raise BadRequest("parameter_unknown", parameter=name)
        if not is_storable(value):
            raise BadRequest("parameter_malformed", parameter=name)


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


def _challenge(services: "Services") -> str:
    """Where to get a token: Power Query and others follow `authorization_uri`."""
    settings = services.settings()
    tenant = settings.home_tenant_id or "organizations"
    return f'Bearer authorization_uri="{settings.authority_host}/{tenant}/oauth2/authorize"'


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _log(error: KanriError) -> None:
    level = logging.ERROR if error.status >= 500 else logging.INFO
    log("request_refused", level=level, code=error.code)
