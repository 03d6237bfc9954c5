"""The login to one tenant: read from a file for a real tenant, made of the ready line for the sandbox."""

from pathlib import Path

import msgspec

from infra.local.errors import BadStart
from infra.local.sandbox_process import SandboxReady
from shared.core.text import Text


class TenantLogin(
    msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True
):
    """How the app registration signs in to a tenant, and in which cloud.

    Exactly one of `client_secret` and `certificate_file` (PEM with private key and certificate).
    """

    tenant_id: str
    client_id: str
    client_secret: str = ""
    certificate_file: str = ""
    graph_endpoint: str = "https://graph.microsoft.com"
    authority_host: str = "https://login.microsoftonline.com"
    ca_file: str = ""

    def __repr__(self) -> str:
        """Leave the secret out."""
        return f"TenantLogin(tenant_id={self.tenant_id!r}, client_id={self.client_id!r})"


def read_tenant_file(path: Path) -> TenantLogin:
    """Read a login from JSON (`tenantId`, `clientId`, ...); BadStart says what is wrong."""
    try:
        login = msgspec.json.decode(path.read_bytes(), type=TenantLogin)
    except (OSError, msgspec.DecodeError) as error:
        raise _bad_file(path, str(error)) from error
    if bool(login.client_secret) == bool(login.certificate_file):
        raise _bad_file(path, "Give one of clientSecret and certificateFile.")
    for name in ("certificate_file", "ca_file"):
        if (value := getattr(login, name)) and not (path.parent / value).is_file():
            raise _bad_file(path, f"There is no file {value}.")
    return msgspec.structs.replace(
        login,
        certificate_file=_beside(path, login.certificate_file),
        ca_file=_beside(path, login.ca_file),
    )


def sandbox_login(ready: SandboxReady) -> TenantLogin:
    """Return the login to the first tenant of the sandbox."""
    tenant = ready.tenants[0]
    return TenantLogin(
        tenant_id=tenant.tenant_id,
        client_id=tenant.client_id,
        client_secret=tenant.client_secret,
        graph_endpoint=ready.graph_endpoint,
        authority_host=ready.authority_host,
        ca_file=ready.ca_file,
    )


def _beside(path: Path, name: str) -> str:
    """Resolve a relative name against the folder of the tenant file."""
    return str((path.parent / name).resolve()) if name else ""


def _bad_file(path: Path, why: str) -> BadStart:
    return BadStart(
        Text(
            f"The tenant file {path} cannot be used.",
            f"テナント ファイル {path} は使用できません。",
        ),
        why,
    )
