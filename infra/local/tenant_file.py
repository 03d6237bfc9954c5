"""The login to one tenant: read from a file for a real tenant, made of the ready line for the sandbox."""

import re
from pathlib import Path

import msgspec

from infra.local.errors import BadStart
from infra.local.sandbox_process import SandboxReady
from shared.core.text import Text

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


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
        raise _bad_file(path, Text(str(error), str(error))) from error
    _check_names(path, login)
    if bool(login.client_secret) == bool(login.certificate_file):
        raise _bad_file(
            path,
            Text(
                "Give one of clientSecret and certificateFile.",
                "clientSecret と certificateFile のどちらか一方を指定してください。",
            ),
        )
    for name in ("certificate_file", "ca_file"):
        if (value := getattr(login, name)) and not (path.parent / value).is_file():
            missing = Text(f"There is no file {value}.", f"ファイル {value} がありません。")
            raise _bad_file(path, missing)
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


def _check_names(path: Path, login: TenantLogin) -> None:
    """Refuse what Entra and Graph would refuse later, after everything has been started."""
    for name, value in (("tenantId", login.tenant_id), ("clientId", login.client_id)):
        if not _GUID.fullmatch(value):
            wrong = Text(
                f"{name} must be a GUID, not {value!r}.",
                f"{name} には GUID を指定してください ({value!r} は不可)。",
            )
            raise _bad_file(path, wrong)
    for name, value in (
        ("graphEndpoint", login.graph_endpoint),
        ("authorityHost", login.authority_host),
    ):
        if not value.startswith("https://"):
            wrong = Text(
                f"{name} must begin with https://, not {value!r}.",
                f"{name} には https:// で始まる URL を指定してください ({value!r} は不可)。",
            )
            raise _bad_file(path, wrong)


def _beside(path: Path, name: str) -> str:
    """Resolve a relative name against the folder of the tenant file."""
    return str((path.parent / name).resolve()) if name else ""


def _bad_file(path: Path, why: Text) -> BadStart:
    return BadStart(
        Text(
            f"The tenant file {path} cannot be used. {why.en}",
            f"テナント ファイル {path} は使用できません。{why.ja}",
        )
    )
