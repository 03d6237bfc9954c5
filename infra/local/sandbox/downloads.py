"""Pre-authenticated report downloads: the other side of the redirect of a usage report."""

import base64
from datetime import timedelta
from hashlib import blake2b

import msgspec

from infra.local.sandbox.messages import ApiError, Reply, Request
from infra.local.sandbox.scan import united
from infra.local.sandbox.tenant.model import Tenant

FOLDER = "reportsdownload"
LIFETIME = timedelta(minutes=5)
_MAC = 16


def url(
    tenant: Tenant, origin: str, report: str, period: str, *, concealed: bool, broken: bool
) -> str:
    """Where a report of a period, a day or neither can be fetched for some minutes, without any
    credential.

    The host is spelled `127.0.0.1`: real downloads live on another origin than Graph, and clients
    must drop the Authorization header on the way.
    """
    expires = (tenant.clock.now() + LIFETIME).timestamp()
    raw = msgspec.msgpack.encode([tenant.tenant_id, report, period, concealed, broken, expires])
    token = base64.urlsafe_b64encode(_mac(raw) + raw).rstrip(b"=").decode()
    return f"{origin.replace('localhost', '127.0.0.1')}/{FOLDER}/data/v1.0/{report}?token={token}"


def _mac(raw: bytes) -> bytes:
    return blake2b(raw, digest_size=_MAC, key=b"sandbox report download").digest()


def serve(request: Request, tenants: dict[str, Tenant]) -> Reply:
    """The CSV file of a download URL; refuses Authorization headers and old or foreign tokens."""
    now = next(iter(tenants.values())).clock.now()
    try:
        return _serve(request, tenants)
    except ApiError as error:
        return error.reply(request, now)


def _serve(request: Request, tenants: dict[str, Tenant]) -> Reply:
    if "authorization" in request.headers:
        raise ApiError(
            401, "InvalidAuthenticationInfo", "The URL is pre-authenticated; send no token."
        )
    token = request.query.get("token", "")
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    if len(raw) <= _MAC or raw[:_MAC] != _mac(raw[_MAC:]):
        raise ApiError(403, "AuthenticationFailed", "The download token is not valid.")
    tenant_id, report, period, concealed, broken, expires = msgspec.msgpack.decode(raw[_MAC:])
    tenant = tenants.get(tenant_id)
    if tenant is None or tenant.clock.now().timestamp() > expires:
        raise ApiError(403, "AuthenticationFailed", "The download token has expired.")
    if broken:
        raise ApiError(404, "ResourceNotFound", "The report file does not exist.")
    written = united("REPORTS" if period.startswith("D") else "DAYS" if period else "PRESENT")
    text = written[report](tenant, period, concealed)
    name = f"{report}{period}.csv"
    headers = {
        "content-type": "application/octet-stream",
        "content-disposition": f'attachment; filename="{name}"',
    }
    return Reply(body=text.encode(), headers=headers)
