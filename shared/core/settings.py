"""The settings: read once from the environment; an unknown `KANRI_` key fails at start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

from shared.core.errors import KanriError

PREFIX = "KANRI_"


class BadSetting(KanriError):
    """A setting is missing, unknown or not valid; raised before anything else starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Field `x_y` is environment variable `KANRI_X_Y`; metadata `purpose` documents it.

    Secrets are excluded from `repr`. In Azure use a managed identity (`managed_identity_client_id`)
    for Graph and Entra tokens (`database_auth=entra`) for PostgreSQL: then no setting is a secret.
    """

    database_url: str = field(
        repr=False, metadata={"purpose": "PostgreSQL URL of the application role."}
    )
    database_auth: str = field(
        default="password", metadata={"purpose": "password or entra.", "one_of": "password entra"}
    )
    pool_size: int = field(default=4, metadata={"purpose": "Connections per worker process."})
    graph_endpoint: str = field(
        default="https://graph.microsoft.com",
        metadata={"purpose": "Graph root of the cloud (global, US Gov, China) or of a sandbox."},
    )
    authority_host: str = field(
        default="https://login.microsoftonline.com",
        metadata={"purpose": "Entra authority of the cloud or of a sandbox."},
    )
    ca_file: Path | None = field(
        default=None, metadata={"purpose": "CA bundle for Graph and Entra; system CAs if empty."}
    )
    client_id: str = field(
        default="", metadata={"purpose": "Application (client) id of Kanri's app registration."}
    )
    client_secret: str = field(
        default="", repr=False, metadata={"purpose": "Client secret, if no better credential."}
    )
    client_certificate_file: Path | None = field(
        default=None, metadata={"purpose": "PEM with private key and certificate."}
    )
    managed_identity_client_id: str = field(
        default="",
        metadata={"purpose": "User-assigned identity federated with the app registration."},
    )
    home_tenant_id: str = field(
        default="",
        metadata={"purpose": "Tenant of the operators; its tokens may see every tenant."},
    )
    api_audience: str = field(
        default="", metadata={"purpose": "Audience of API access tokens, e.g. api://kanri."}
    )
    collect_slice_seconds: int = field(
        default=240, metadata={"purpose": "A collection goes on by a new message after this long."}
    )
    log_level: str = field(
        default="INFO",
        metadata={"purpose": "Log level.", "one_of": "DEBUG INFO WARNING ERROR"},
    )


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Build the settings from `environment`; BadSetting names the key and the fix."""
    known = {PREFIX + item.name.upper(): item for item in fields(Settings)}
    for key in environment:
        if key.startswith(PREFIX) and key not in known:
            raise BadSetting("setting_unknown", parameter=key)
    values: dict[str, object] = {}
    for key, item in known.items():
        text = environment.get(key, "")
        if not text:
            if item.name == "database_url":
                purpose = item.metadata["purpose"]
                raise BadSetting("setting_missing", parameter=key, purpose=purpose)
            continue
        values[item.name] = _parse(key, text, item.type, item.metadata.get("one_of"))
    return Settings(**values)  # type: ignore[arg-type]


def _parse(key: str, text: str, kind: object, one_of: str | None) -> object:
    if one_of is not None and text not in one_of.split():
        raise BadSetting("setting_invalid", parameter=key, reason=f"not one of {one_of}")
    if kind is int:
        if not text.isdecimal() or int(text) == 0:
            raise BadSetting("setting_invalid", parameter=key, reason="not a positive whole number")
        return int(text)
    if kind == Path | None:
        return Path(text)
    return text.rstrip("/") if text.startswith("https://") else text


@cache
def settings() -> Settings:
    """Return the settings of this process, read at the first call."""
    return read_settings(os.environ)
