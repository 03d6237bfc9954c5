"""The settings: read once from the environment; an unknown `KANRI_` key fails at start."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

from shared.core import clock
from shared.core.errors import KanriError
from shared.core.setting_forms import FORMS
from shared.core.unsafe_settings import found_unsafe

PREFIX = "KANRI_"

# What the platform sets in each instance. (CONTAINER_NAME, which it may set too, other machines have as well.)
# https://learn.microsoft.com/en-us/azure/app-service/reference-app-settings
_IN_AZURE = ("WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID", "WEBSITE_POD_NAME")

# The database itself gives up no younger event, whoever asks: see store/audit/leaving.py.
FEWEST_HOT_DAYS = 90

_ORIGIN = re.compile(r"https://[^/?#@\s]+/?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


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
    pool_size: int = field(
        default=4, metadata={"purpose": "Connections of a worker process for timers and queues."}
    )
    web_pool_size: int = field(
        default=9,
        metadata={"purpose": "Connections of a worker process for HTTP, divided in shares."},
    )
    graph_endpoint: str = field(
        default="https://graph.microsoft.com",
        metadata={
            "purpose": "Graph root of the cloud (global, US Gov, China) or of a sandbox.",
            "form": "https",
        },
    )
    authority_host: str = field(
        default="https://login.microsoftonline.com",
        metadata={"purpose": "Entra authority of the cloud or of a sandbox.", "form": "https"},
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
        metadata={
            "purpose": "Tenant of the operators; its tokens may see every tenant.",
            "form": "uuid",
        },
    )
    api_audience: str = field(
        default="", metadata={"purpose": "Audience of API access tokens, e.g. api://kanri."}
    )
    owner_secret: str = field(
        default="",
        repr=False,
        metadata={
            "purpose": "Makes who knows it the first owner, once; 32 characters or more.",
            "form": "secret",
        },
    )
    sealing_keys: str = field(
        default="",
        repr=False,
        metadata={
            "purpose": "What seals secrets and archived audit events: id:key id:key ..., the newest "
            "first, each key 32 random characters or more.",
            "form": "keys",
        },
    )
    key_environment: str = field(
        default="test",
        metadata={
            "purpose": "Which API keys count here: those of live or of test; others are refused.",
            "one_of": "live test",
        },
    )
    public_url: str = field(
        default="",
        metadata={
            "purpose": "Where callers reach the API, e.g. Front Door; links are relative if empty.",
            "form": "https",
        },
    )
    collect_slice_seconds: int = field(
        default=240, metadata={"purpose": "A collection goes on by a new message after this long."}
    )
    trusted_proxies: int = field(
        default=0,
        metadata={
            "purpose": "Proxies of ours that append to X-Forwarded-For: 1 App Service, 2 with Front "
            "Door; empty for none, callers' addresses are unknown then."
        },
    )
    rate_limits: str = field(
        default="",
        metadata={
            "purpose": "Quotas other than ours, apart by spaces: reading.caller=3000 exporting.tenant=10.",
            "form": "rate limits",
        },
    )
    allowed_ranges: tuple[str, ...] = field(
        default=(),
        metadata={
            "purpose": "The only ranges of addresses (CIDR, apart by spaces) that callers may come "
            "from; all if empty.",
            "form": "ranges",
        },
    )
    denied_ranges: tuple[str, ...] = field(
        default=(),
        metadata={
            "purpose": "Ranges of addresses (CIDR, apart by spaces) that nobody may come from.",
            "form": "ranges",
        },
    )
    audit_readings_seconds: int = field(
        default=300,
        metadata={
            "purpose": "The same reading of personal data is in the audit log once in so many "
            "seconds, with how often; each exported file is."
        },
    )
    audit_hot_days: int = field(
        default=365,
        metadata={
            "purpose": "Days for which audit events stay in the database, 90 or more; then they are "
            "kept as sealed files."
        },
    )
    approvals: str = field(
        default="auto",
        metadata={
            "purpose": "Whether large actions wait for a second person: on, off, or auto, that is as "
            "soon as two people may approve.",
            "one_of": "auto on off",
        },
    )
    approval_from_tenants: int = field(
        default=10, metadata={"purpose": "An action on so many tenants takes a second person."}
    )
    approval_from_objects: int = field(
        default=100, metadata={"purpose": "An action on so many objects takes a second person."}
    )
    approval_from_privileged: int = field(
        default=1,
        metadata={"purpose": "An action with so many privileged targets takes a second person."},
    )
    approval_hours: int = field(
        default=72, metadata={"purpose": "What waits for a second person expires after so long."}
    )
    clock_file: Path | None = field(
        default=None,
        metadata={"purpose": "Lets tests move the time (core.clock); never in Azure."},
    )
    log_level: str = field(
        default="INFO",
        metadata={"purpose": "Log level.", "one_of": "DEBUG INFO WARNING ERROR"},
    )


@dataclass(frozen=True, slots=True)
class StoragePlace:
    """The storage account of the Functions host: a connection string, or addresses of its services."""

    connection: str = field(default="", repr=False)
    blobs: str = ""
    tables: str = ""


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
        values[item.name] = _parse(key, text, item.type, item.metadata)
    read = Settings(**values)  # type: ignore[arg-type]
    if read.audit_hot_days < FEWEST_HOT_DAYS:
        reason = f"audit events stay {FEWEST_HOT_DAYS} days or more"
        raise BadSetting("setting_invalid", parameter=f"{PREFIX}AUDIT_HOT_DAYS", reason=reason)
    if any(name in environment for name in _IN_AZURE):
        _refuse_unsafe(read, environment)
    return read


def _refuse_unsafe(read: Settings, environment: Mapping[str, str]) -> None:
    """Raise BadSetting for the first setting that is for tests or a laptop only: this is Azure."""
    for key, reason in found_unsafe(read, environment.get("AzureWebJobsStorage", "")):
        raise BadSetting("setting_unsafe", parameter=key, reason=reason)


def _parse(key: str, text: str, kind: object, rules: Mapping[str, str]) -> object:
    one_of = rules.get("one_of")
    if one_of is not None and text not in one_of.split():
        raise BadSetting("setting_invalid", parameter=key, reason=f"not one of {one_of}")
    if rules.get("form") == "uuid" and _UUID.fullmatch(text) is None:
        raise BadSetting("setting_invalid", parameter=key, reason="not a tenant id (a UUID)")
    if rules.get("form") in FORMS:
        return _read(key, text, rules["form"])
    if rules.get("form") == "https":
        if _ORIGIN.fullmatch(text) is None:
            reason = "not of the form https://host, without a path"
            raise BadSetting("setting_invalid", parameter=key, reason=reason)
        return text.rstrip("/")
    if kind is int:
        if not text.isdecimal() or int(text) == 0:
            raise BadSetting("setting_invalid", parameter=key, reason="not a positive whole number")
        return int(text)
    if kind == Path | None:
        return Path(text)
    return text


def _read(key: str, text: str, form: str) -> object:
    try:
        return FORMS[form](text)
    except ValueError as error:
        raise BadSetting("setting_invalid", parameter=key, reason=str(error)) from None


@cache
def storage_place() -> StoragePlace:
    """Return where the storage account is, as the Functions host was told it."""
    name = "AzureWebJobsStorage"
    services = (os.environ.get(f"{name}__{kind}ServiceUri", "") for kind in ("blob", "table"))
    return StoragePlace(os.environ.get(name, ""), *services)


def sends_telemetry() -> bool:
    """Tell whether the worker was told where to send telemetry to."""
    return bool(os.environ.get("APPLICATIONINSIGHTS_CONNECTION_STRING"))


@cache
def settings() -> Settings:
    """Return the settings of this process, read at the first call; the clock follows them."""
    read = read_settings(os.environ)
    clock.follow(read.clock_file)
    return read
