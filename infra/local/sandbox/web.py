"""The ASGI application: dispatch, compression, injected wire faults, the wire log."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from uvicorn.protocols.http.h11_impl import H11Protocol

from infra.local.sandbox import downloads, uploads
from infra.local.sandbox.admin import Admin
from infra.local.sandbox.entra import Entra
from infra.local.sandbox.faults import DAMAGES, Rule, damage
from infra.local.sandbox.graph import VERSIONS, Answer, Graph
from infra.local.sandbox.messages import Reply, Request, json_reply
from infra.local.sandbox.pagecache import gzip_bytes
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.wirelog import WireLog

type Message = dict[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
_COMPRESS_FROM = 1_024
_TRANSPORT = "sandbox.transport"


class ResettableProtocol(H11Protocol):
    """HTTP/1.1 whose application can reach the transport, to reset a connection."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Hand the transport to the application of this connection."""
        super().connection_made(transport)
        inner = self.app

        async def app(scope: Any, receive: Any, send: Any) -> None:
            scope[_TRANSPORT] = transport
            await inner(scope, receive, send)

        self.app = app


class WebApp:
    """Everything the sandbox answers, by path."""

    def __init__(
        self,
        origin: str,
        tenants: dict[str, Tenant],
        graph: Graph,
        entra: Entra,
        admin: Admin,
        wire_log: WireLog,
    ) -> None:
        self._origin = origin
        self._clock = next(iter(tenants.values())).clock
        self._graph = graph
        self._entra = entra
        self._admin = admin
        self.wire_log = wire_log

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """One HTTP exchange."""
        request, url = await self._read(scope, receive)
        top = request.path.split("/", 2)[1]
        logged = True
        if top in VERSIONS:
            answer = self._graph.handle(request)
        elif top == downloads.FOLDER:
            answer = self._graph.serve_away(request, downloads.serve)
        elif top == uploads.FOLDER:  # not logged: no judge knows that host
            logged, answer = False, self._graph.serve_away(request, uploads.serve)
        else:
            logged = False
            answer = Answer(self._outside(request, top))
        await self._deliver(scope, send, request, url, answer, logged=logged)

    def _outside(self, request: Request, top: str) -> Reply:
        if top == "sandbox":
            return self._admin.handle(request)
        reply = self._entra.handle(request)
        return reply or json_reply({"error": {"code": "NotFound", "message": "No such path."}}, 404)

    async def _read(self, scope: Message, receive: Receive) -> tuple[Request, str]:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        raw_path = scope.get("raw_path") or scope["path"].encode()
        query = scope["query_string"].decode("latin-1")
        target = raw_path.decode("latin-1") + (f"?{query}" if query else "")
        request = Request(
            method=scope["method"],
            path=unquote(scope["path"]),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers=headers,
            body=body,
            raw_target=unquote(target),
        )
        return request, f"https://{headers.get('host', 'localhost')}{target}"

    async def _deliver(
        self,
        scope: Message,
        send: Send,
        request: Request,
        url: str,
        answer: Answer,
        *,
        logged: bool,
    ) -> None:
        reply, rules = answer.reply, answer.rules
        for rule in rules:
            if rule.kind == "slow":
                await asyncio.sleep(rule.seconds)
        if any(rule.kind in DAMAGES for rule in rules):
            reply.body, reply.packed = damage(reply, reply.plain(), rules), None
        body, headers = self._encode(request, reply)
        broken = _broken(rules)
        if logged and self.wire_log.active:
            seen = None if broken else reply.status
            self.wire_log.write(
                request, url, seen, headers, None if broken else reply.plain(), self._clock.now()
            )
        if broken == "reset":
            scope[_TRANSPORT].abort()
            return
        fields = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
        ]
        await send({"type": "http.response.start", "status": reply.status, "headers": fields})
        if broken == "cut":
            await send(
                {"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True}
            )
            await asyncio.sleep(0.02)  # let the first half leave before the connection dies
            scope[_TRANSPORT].abort()
            return
        await send({"type": "http.response.body", "body": body})

    def _encode(self, request: Request, reply: Reply) -> tuple[bytes, dict[str, str]]:
        now = self._clock.now()
        headers = {
            "date": now.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "cache-control": "no-cache",
            "request-id": request.request_id,
            "client-request-id": request.headers.get("client-request-id", request.request_id),
            **reply.headers,
        }
        wants_gzip = "gzip" in request.headers.get("accept-encoding", "")
        large = reply.packed is not None or len(reply.body) >= _COMPRESS_FROM
        if wants_gzip and large:
            body = reply.packed if reply.packed is not None else gzip_bytes(reply.body)
            headers["content-encoding"] = "gzip"
            headers["vary"] = "Accept-Encoding"
        else:
            body = reply.plain()
        headers["content-length"] = str(len(body))
        return body, headers


def _broken(rules: list[Rule]) -> str:
    return next((rule.kind for rule in rules if rule.kind in ("reset", "cut")), "")
