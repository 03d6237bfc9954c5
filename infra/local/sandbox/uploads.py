"""The other side of upload sessions and of the redirect to a file's content: addresses without a token.

Facts: "driveItem: createUploadSession" and "Download driveItem content".
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from infra.local.sandbox.clock import stamp
from infra.local.sandbox.messages import ApiError, Reply, Request, json_reply
from infra.local.sandbox.tenant.collection import Entity
from infra.local.sandbox.tenant.model import Tenant

FOLDER = "transfer"
_UNIT = 320 * 1024
_LIFETIME = timedelta(days=7)
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(slots=True)
class Session:
    """A file that is on its way; `place` is its drive and parent."""

    name: str
    place: Entity
    expires: datetime
    received: bytearray = field(default_factory=bytearray)

    def told(self) -> Entity:
        """What is missing, as the session says it."""
        return {
            "expirationDateTime": stamp(self.expires),
            "nextExpectedRanges": [f"{len(self.received)}-"],
        }


@dataclass(slots=True)
class Files:
    """Open sessions by their secret, items by id, and contents by theirs."""

    sessions: dict[str, Session] = field(default_factory=dict)
    items: dict[str, Entity] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)


def files(_tenant: Tenant) -> Files:
    """What a tenant's uploads are kept in (see Tenant.part)."""
    return Files()


def address(origin: str, secret: str) -> str:
    """Where to send pieces, or to fetch a content: on another host, as in a real tenant."""
    return f"{origin.replace('localhost', '127.0.0.1')}/{FOLDER}/{secret}?tempauth={secret}"


def begin(tenant: Tenant, name: str, place: Entity) -> tuple[str, Session]:
    """Open a session; return its secret too."""
    secret, session = (
        secrets.token_urlsafe(24),
        Session(name, place, tenant.clock.now() + _LIFETIME),
    )
    tenant.part(files).sessions[secret] = session
    return secret, session


def serve(request: Request, tenants: dict[str, Tenant]) -> Reply:
    """One request to such an address."""
    now = next(iter(tenants.values())).clock.now()
    try:
        return _serve(request, tenants)
    except ApiError as error:
        return error.reply(request, now)


def _serve(request: Request, tenants: dict[str, Tenant]) -> Reply:
    if "authorization" in request.headers:
        raise ApiError(401, "unauthenticated", "The URL is pre-authenticated; send no token.")
    secret = request.query.get("tempauth", "")
    for tenant in tenants.values():
        held = tenant.part(files)
        if secret in held.contents and request.method == "GET":
            kind = {"content-type": "application/octet-stream", "etag": f'"{secret}"'}
            return Reply(body=held.contents[secret], headers=kind)
        session = held.sessions.get(secret)
        if session is not None and session.expires > tenant.clock.now():
            return _transfer(request, tenant, secret, session)
    raise ApiError(404, "itemNotFound", "The upload session was not found.")


def _transfer(request: Request, tenant: Tenant, secret: str, session: Session) -> Reply:
    if request.method == "GET":
        return json_reply(session.told())
    if request.method == "DELETE":
        del tenant.part(files).sessions[secret]
        return Reply(204)
    if request.method != "PUT":
        raise ApiError(405, "notSupported", "Specified HTTP method is not allowed.")
    asked = _RANGE.fullmatch(request.headers.get("content-range", ""))
    if asked is None:
        raise ApiError(400, "invalidRequest", "Invalid Content-Range header value.")
    start, last, size = map(int, asked.groups())
    if last - start + 1 != len(request.body) or last >= size:
        raise ApiError(400, "invalidRequest", "Declared fragment length does not match the body.")
    if last + 1 < size and len(request.body) % _UNIT:
        raise ApiError(400, "invalidRequest", "Fragments must be a multiple of 320 KiB.")
    if start != len(session.received):
        raise ApiError(416, "invalidRange", "Optimistic concurrency failure during upload.")
    session.received += request.body
    if last + 1 < size:
        return json_reply(session.told(), 202)
    return json_reply(_made(tenant, secret, session), 201)


def _made(tenant: Tenant, secret: str, session: Session) -> Entity:
    held, content = tenant.part(files), bytes(session.received)
    del held.sessions[secret]
    key = f"01{sha256(secret.encode()).hexdigest()[:32].upper()}"
    held.contents[key] = content
    hashes = {"sha256Hash": sha256(content).hexdigest().upper()}
    held.items[key] = {
        "id": key,
        "name": session.name,
        "size": len(content),
        "createdDateTime": stamp(tenant.clock.now()),
        "lastModifiedDateTime": stamp(tenant.clock.now()),
        "eTag": f'"{{{key}}},1"',
        "parentReference": session.place,
        "file": {"mimeType": "application/octet-stream", "hashes": hashes},
    }
    return held.items[key]
