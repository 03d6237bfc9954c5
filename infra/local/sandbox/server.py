"""The sandbox process: HTTPS server, the application behind it, start and stop."""

import json
import logging
import os
import secrets
import signal
import socket
from datetime import UTC, datetime
from types import FrameType

import uvicorn

from infra.local.sandbox.admin import Admin
from infra.local.sandbox.certificates import Certificates
from infra.local.sandbox.clock import Clock
from infra.local.sandbox.config import SandboxConfig
from infra.local.sandbox.entra import Entra
from infra.local.sandbox.faults import Faults
from infra.local.sandbox.graph import Graph
from infra.local.sandbox.tenant.changes import Changes
from infra.local.sandbox.tenant.model import Tenant
from infra.local.sandbox.throttling import Throttle
from infra.local.sandbox.tokens import TokenMint
from infra.local.sandbox.web import ResettableProtocol, WebApp
from infra.local.sandbox.wirelog import WireLog
from shared.core.clock import follow

HOST = "127.0.0.1"


def run(config: SandboxConfig) -> None:
    """Serve until SIGTERM or SIGINT; prints the ready line once requests are answered."""
    certificates = Certificates(config.data)
    listener = _listen(config)
    port = listener.getsockname()[1]
    app, ready = _assemble(config, certificates, port)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL + 1)
    options = uvicorn.Config(
        app,
        http=ResettableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        ssl_certfile=str(certificates.server_file),
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = _Announced(options, json.dumps(ready))
    # uvicorn raises the signal that stopped it once more when it is done; ours must survive that.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.stop)
    try:
        server.run(sockets=[listener])
    finally:
        app.wire_log.close()
        listener.close()


class _Announced(uvicorn.Server):
    """A server that prints its ready line when it accepts connections."""

    def __init__(self, options: uvicorn.Config, ready_line: str) -> None:
        super().__init__(options)
        self._ready_line = ready_line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, then say so."""
        await super().startup(sockets)
        if not self.should_exit:
            print(self._ready_line, flush=True)

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        """A signal handler that ends the server."""
        self.should_exit = True


def _assemble(
    config: SandboxConfig, certificates: Certificates, port: int
) -> tuple[WebApp, dict[str, object]]:
    origin = f"https://localhost:{port}"
    anchor = _anchor(config)
    follow(config.clock_file)
    clock = Clock()
    if config.start_time is not None:
        clock.offset = config.start_time - clock.now()
    tenants: dict[str, Tenant] = {}
    for number in range(config.tenants):
        tenant = Tenant(number, config.seed + number, config.users, anchor, clock)
        tenants[tenant.tenant_id] = tenant
    mint = TokenMint(certificates.signing_keys)
    throttle, faults, wire_log = Throttle(config.throttle_scale), Faults(), WireLog()
    wire_log.open(config.wire_log)
    changes = {key: Changes(tenant) for key, tenant in tenants.items()}
    graph = Graph(origin, tenants, mint, throttle, faults, changes, certificates.ca_file)
    entra = Entra(origin, tenants, mint)
    admin_token = secrets.token_urlsafe(24)
    admin = Admin(admin_token, origin, tenants, changes, clock, mint, throttle, faults, wire_log)
    app = WebApp(origin, tenants, graph, entra, admin, wire_log)
    return app, _ready(port, certificates, tenants, origin, admin_token)


def _ready(
    port: int,
    certificates: Certificates,
    tenants: dict[str, Tenant],
    origin: str,
    admin_token: str,
) -> dict[str, object]:
    """What whoever started the sandbox is told of it, once, in one line."""
    return {
        "port": port,
        "authorityHost": origin,
        "graphEndpoint": origin,
        "caFile": str(certificates.ca_file.resolve()),
        "tenants": [
            {
                "tenantId": tenant.tenant_id,
                "displayName": tenant.display_name,
                "clientId": app_id,
                "clientSecret": registered.secret,
            }
            for tenant in tenants.values()
            for app_id, registered in tenant.apps.items()
        ],
        "adminUrl": f"{origin}/sandbox",
        "adminToken": admin_token,
        "pid": os.getpid(),
    }


def _listen(config: SandboxConfig) -> socket.socket:
    """A bound socket. Without a wish the port of the last start is taken again when it is free:
    stored delta links name it."""
    kept = config.data / "port"
    wishes = [config.port]
    if config.port == 0 and kept.exists():
        wishes.insert(0, int(kept.read_text(encoding="ascii")))
    for wish in wishes[:-1]:
        try:
            return open_socket(wish)
        except OSError as error:
            logging.getLogger(__name__).info("port %d is taken: %s", wish, error)
    listener = open_socket(wishes[-1])
    kept.write_text(str(listener.getsockname()[1]), encoding="ascii")
    return listener


def open_socket(port: int) -> socket.socket:
    """Return a listening socket; 0 takes a free port."""
    listener = socket.create_server((HOST, port))
    # With its protocol named: asyncio switches Nagle's algorithm off only then, and without that
    # every answer waits 40 ms for the client's delayed acknowledgement.
    named = (listener.family, listener.type, socket.IPPROTO_TCP)
    return socket.socket(*named, fileno=listener.detach())


def _anchor(config: SandboxConfig) -> int:
    """Epoch seconds of the instant the seed describes; kept in the data folder when not given."""
    if config.start_time is not None:
        return int(config.start_time.timestamp())
    kept = config.data / "anchor"
    if not kept.exists():
        now = datetime.now(UTC)
        kept.write_text(str(int(now.timestamp())), encoding="ascii")
    return int(kept.read_text(encoding="ascii"))
