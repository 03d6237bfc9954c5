"""The generated local.settings.json: what the Functions host gives the app as environment."""

import json
import secrets
from pathlib import Path

from infra.local.private_file import kept_secret, write_private
from infra.local.tenant_file import TenantLogin

# The audience of Kanri's own API in the sandbox's Entra.
SANDBOX_AUDIENCE = "api://kanri"


def write_settings(
    path: Path,
    *,
    login: TenantLogin,
    sandbox: bool,
    database_url: str,
    storage: str,
    clock_file: Path | None = None,
    rate_limits: str = "",
) -> None:
    """Write the file of a stack, readable by its owner only: it holds every secret of the stack."""
    values = {
        "AzureWebJobsStorage": storage,
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "KANRI_DATABASE_URL": database_url,
        "KANRI_GRAPH_ENDPOINT": login.graph_endpoint,
        "KANRI_AUTHORITY_HOST": login.authority_host,
        "KANRI_CA_FILE": login.ca_file,
        "KANRI_CLIENT_ID": login.client_id,
        "KANRI_CLIENT_SECRET": login.client_secret,
        "KANRI_CLIENT_CERTIFICATE_FILE": login.certificate_file,
        "KANRI_HOME_TENANT_ID": login.tenant_id,
        "KANRI_API_AUDIENCE": SANDBOX_AUDIENCE if sandbox else login.client_id,
        "KANRI_OWNER_SECRET": secrets.token_urlsafe(32),
        # Kept beside the state that is sealed with it.
        "KANRI_SEALING_KEYS": kept_secret(path.with_name("sealing-key"), _sealing_key),
        "KANRI_RATE_LIMITS": rate_limits,
        "KANRI_CLOCK_FILE": str(clock_file.absolute()) if clock_file else "",
    }
    document = {"IsEncrypted": False, "Values": {k: v for k, v in values.items() if v}}
    write_private(path, json.dumps(document, indent=2) + "\n")


def _sealing_key() -> str:
    return f"local:{secrets.token_urlsafe(32)}"
