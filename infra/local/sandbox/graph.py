"""Microsoft Graph's front door: tokens, budgets, faults, permissions, then the route's handler."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import jwt

from infra.local.sandbox.entra import GRAPH_AUDIENCE
from infra.local.sandbox.faults import Faults, Rule, conditions, refusal
from infra.local.sandbox.messages import ApiError, Reply, Request
from infra.local.sandbox.pagecache import PageCache
from infra.local.sandbox.routing import Call, Route, RouteTable
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Throttle
from infra.local.sandbox.tokens import Caller, TokenMint

VERSIONS = ("v1.0", "beta")
_TOKEN_MEMORY = 1_000


@dataclass(slots=True)
class Answer:
    """A reply with the fault rules that still have to act on its way to the client."""

    reply: Reply
    rules: list[Rule] = field(default_factory=list)


class Graph:
    """Serves every request below `/v1.0` and `/beta`."""

    def __init__(
        self,
        origin: str,
        tenants: dict[str, Tenant],
        mint: TokenMint,
        throttle: Throttle,
        faults: Faults,
        changes: dict[str, Changes],
        ca_file: Path,
    ) -> None:
        self._origin = origin
        self._tenants = tenants
        self._mint = mint
        self._throttle = throttle
        self._faults = faults
        self._changes = changes
        self._ca_file = ca_file
        self._routes = RouteTable()
        self._cache = PageCache()
        self._callers: dict[str, tuple[float, Caller]] = {}

    def handle(self, request: Request) -> Answer:
        """The answer to a request from the wire."""
        try:
            caller = self._caller(request)
        except ApiError as error:
            now = next(iter(self._tenants.values())).clock.now()
            return Answer(error.reply(request, now))
        return self.serve(request, caller)

    def serve_away(
        self, request: Request, serve: Callable[[Request, dict[str, Tenant]], Reply]
    ) -> Answer:
        """The answer to an address that needs no token: `serve` makes it, as fallible as the rest."""
        rules = self._faults.strike(request.method, request.raw_target or request.path, "")
        refused = refusal(rules)
        if refused is None:
            return Answer(serve(request, self._tenants), rules)
        return Answer(refused.reply(request, next(iter(self._tenants.values())).clock.now()), rules)

    def serve(self, request: Request, caller: Caller) -> Answer:
        """The answer to one request, single or inside `$batch`, of a caller who is known."""
        tenant = self._tenants[caller.tenant_id]
        target, prefer = request.raw_target or request.path, request.headers.get("prefer", "")
        rules = self._faults.strike(request.method, target, tenant.tenant_id, prefer)
        try:
            reply = self._serve(request, caller, tenant, rules)
        except ApiError as error:
            reply = error.reply(request, tenant.clock.now())
        reply.headers.setdefault("x-ms-ags-diagnostic", _DIAGNOSTIC)
        return Answer(reply, rules)

    def _serve(self, request: Request, caller: Caller, tenant: Tenant, rules: list[Rule]) -> Reply:
        refused = refusal(rules)
        if refused is not None:
            raise refused
        version, _, path = request.path.removeprefix("/").partition("/")
        route, args = self._routes.find(request.method, f"/{path}")
        headers = self._throttle.spend(
            tenant.tenant_id, caller.app_id, route.budget, path, _cost(route, request), tenant.people.count,
            writes=request.method not in ("GET", "HEAD"),
        ) if route.budget else {}  # fmt: skip
        honoured = conditions()
        call = Call(
            request=request,
            tenant=tenant,
            caller=caller,
            base=f"{self._origin}/{version}",
            changes=self._changes[tenant.tenant_id],
            ca_file=self._ca_file,
            cache=self._cache,
            faults=frozenset(rule.kind for rule in rules if rule.kind in honoured),
            args=args,
            again=self.serve,
        )
        _permit(route, call)
        reply = route.handler(call)
        reply.headers.update(headers)
        return reply

    def _caller(self, request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token or scheme.lower() != "bearer":
            raise _unauthorized("Access token is empty.")
        known = self._callers.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        try:
            claims = self._mint.claims(token)
        except jwt.ExpiredSignatureError as error:
            raise _unauthorized(str(error)) from error
        except jwt.InvalidTokenError as error:
            raise _unauthorized("Access token validation failure.") from error
        if claims["aud"] != GRAPH_AUDIENCE or claims["tid"] not in self._tenants:
            raise _unauthorized("Access token validation failure. Invalid audience.")
        caller = Caller(claims["tid"], claims.get("appid", ""), frozenset(claims.get("roles", ())))
        if len(self._callers) >= _TOKEN_MEMORY:
            self._callers.clear()
        self._callers[token] = (claims["exp"], caller)
        return caller


_DIAGNOSTIC = '{"ServerInfo":{"DataCenter":"Sandbox","Slice":"E","Ring":"1","ScaleUnit":"000"}}'


def _cost(route: Route, request: Request) -> int:
    """Units; of the identity budget `$select` saves one, `$expand` costs one, a `$top` below 20 saves
    one.
    """
    cost = route.cost if isinstance(route.cost, int) else route.cost(request.query)
    if route.budget != "identity":
        return cost
    top = request.query.get("$top", "")
    saved = ("$select" in request.query) + (top.isdigit() and int(top) < 20)
    return max(1, cost - saved + ("$expand" in request.query))


def _permit(route: Route, call: Call) -> None:
    if route.permissions and not call.caller.roles.intersection(route.permissions):
        raise route.refusal(call, route.permissions)
    if route.licence is not None:
        route.licence(call)


def _unauthorized(text: str) -> ApiError:
    header = (
        'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize",'
        ' client_id="00000003-0000-0000-c000-000000000000"'
    )
    return ApiError(401, "InvalidAuthenticationToken", text, {"www-authenticate": header})
