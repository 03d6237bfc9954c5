"""The settings: read once from the environment; an unknown `KANRI_` key fails at start."""

import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from msgspec import Struct

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


class Rule(Struct, frozen=True):
    """What holds for a setting: what it is for, that it is one word of `one_of`, or of a `form`.

    A `secret` is not shown.
    """

    purpose: str
    one_of: str = ""
    form: str = ""
    secret: bool = False


class Settings(Struct, frozen=True, kw_only=True):
    """Field `x_y` is environment variable `KANRI_X_Y`; its `Rule` documents it.

    Secrets are excluded from `repr`. In Azure use a managed identity (`managed_identity_client_id`)
    for Graph and Entra tokens (`database_auth=entra`) for PostgreSQL: then no setting is a secret.
    """

    database_url: Annotated[str, Rule("PostgreSQL URL of the application role.", secret=True)]
    database_auth: Annotated[str, Rule("password or entra.", one_of="password entra")] = "password"
    pool_size: Annotated[int, Rule("Connections of a worker process for timers and queues.")] = 4
    web_pool_size: Annotated[
        int, Rule("Connections of a worker process for HTTP, divided in shares.")
    ] = 9
    graph_endpoint: Annotated[
        str, Rule("Graph root of the cloud (global, US Gov, China) or of a sandbox.", form="https")
    ] = "https://graph.microsoft.com"
    authority_host: Annotated[
        str, Rule("Entra authority of the cloud or of a sandbox.", form="https")
    ] = "https://login.microsoftonline.com"
    ca_file: Annotated[Path | None, Rule("CA bundle for Graph and Entra; system CAs if empty.")] = (
        None
    )
    client_id: Annotated[str, Rule("Application (client) id of Kanri's app registration.")] = ""
    client_secret: Annotated[str, Rule("Client secret, if no better credential.", secret=True)] = ""
    client_certificate_file: Annotated[
        Path | None, Rule("PEM with private key and certificate.")
    ] = None
    managed_identity_client_id: Annotated[
        str, Rule("User-assigned identity federated with the app registration.")
    ] = ""
    home_tenant_id: Annotated[
        str, Rule("Tenant of the operators; its tokens may see every tenant.", form="uuid")
    ] = ""
    api_audience: Annotated[str, Rule("Audience of API access tokens, e.g. api://kanri.")] = ""
    owner_secret: Annotated[
        str,
        Rule(
            "Makes who knows it the first owner, once; 32 characters or more.",
            form="secret",
            secret=True,
        ),
    ] = ""
    sealing_keys: Annotated[
        str,
        Rule(
            "What seals secrets and archived audit events: id:key id:key ..., the newest first, "
            "each key 32 random characters or more.",
            form="keys",
            secret=True,
        ),
    ] = ""
    key_environment: Annotated[
        str,
        Rule(
            "Which API keys count here: those of live or of test; others are refused.",
            one_of="live test",
        ),
    ] = "test"
    public_url: Annotated[
        str,
        Rule(
            "Where callers reach the API, e.g. Front Door; links are relative if empty.",
            form="https",
        ),
    ] = ""
    collect_slice_seconds: Annotated[
        int, Rule("A collection goes on by a new message after this long.")
    ] = 240
    trusted_proxies: Annotated[
        int,
        Rule(
            "Proxies of ours that append to X-Forwarded-For: 1 App Service, 2 with Front Door; "
            "empty for none, callers' addresses are unknown then."
        ),
    ] = 0
    rate_limits: Annotated[
        str,
        Rule(
            "Quotas other than ours, apart by spaces: reading.caller=3000 exporting.tenant=10.",
            form="rate limits",
        ),
    ] = ""
    allowed_ranges: Annotated[
        tuple[str, ...],
        Rule(
            "The only ranges of addresses (CIDR, apart by spaces) that callers may come from; all if "
            "empty.",
            form="ranges",
        ),
    ] = ()
    denied_ranges: Annotated[
        tuple[str, ...],
        Rule(
            "Ranges of addresses (CIDR, apart by spaces) that nobody may come from.", form="ranges"
        ),
    ] = ()
    audit_readings_seconds: Annotated[
        int,
        Rule(
            "The same reading of personal data is in the audit log once in so many seconds, with how "
            "often; each exported file is."
        ),
    ] = 300
    audit_hot_days: Annotated[
        int,
        Rule(
            "Days for which audit events stay in the database, 90 or more; then they are kept as "
            "sealed files."
        ),
    ] = 365
    approvals: Annotated[
        str,
        Rule(
            "Whether large actions wait for a second person: on, off, or auto, that is as soon as "
            "two people may approve.",
            one_of="auto on off",
        ),
    ] = "auto"
    approval_from_tenants: Annotated[
        int, Rule("An action on so many tenants takes a second person.")
    ] = 10
    approval_from_objects: Annotated[
        int, Rule("An action on so many objects takes a second person.")
    ] = 100
    approval_from_privileged: Annotated[
        int, Rule("An action with so many privileged targets takes a second person.")
    ] = 1
    approval_hours: Annotated[
        int, Rule("What waits for a second person expires after so long.")
    ] = 72
    clock_file: Annotated[
        Path | None, Rule("Lets tests move the time (core.clock); never in Azure.")
    ] = None
    log_level: Annotated[str, Rule("Log level.", one_of="DEBUG INFO WARNING ERROR")] = "INFO"

    def __repr__(self) -> str:
        shown = (name for name, (_, rule) in RULES.items() if not rule.secret)
        return f"Settings({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"


# Of each setting the type and what holds for it.
RULES: Mapping[str, tuple[object, Rule]] = {
    name: (of.__origin__, of.__metadata__[0]) for name, of in Settings.__annotations__.items()
}


class StoragePlace(Struct, frozen=True):
    """The storage account of the Functions host: a connection string, or addresses of its services."""

    connection: str = ""
    blobs: str = ""
    tables: str = ""

    def __repr__(self) -> str:  # A connection string has the account's key in it.
        return f"StoragePlace(blobs={self.blobs!r}, tables={self.tables!r})"


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Build the settings from `environment`; BadSetting names the key and the fix."""
    known = {PREFIX + name.upper(): name for name in RULES}
    for key in environment:
        if key.startswith(PREFIX) and key not in known:
            raise BadSetting("setting_unknown", parameter=key)
    values: dict[str, object] = {}
    for key, name in known.items():
        text, (kind, rule) = environment.get(key, ""), RULES[name]
        if not text:
            if name == "database_url":
                raise BadSetting("setting_missing", parameter=key, purpose=rule.purpose)
            continue
        values[name] = _parse(key, text, kind, rule)
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


def _parse(key: str, text: str, kind: object, rule: Rule) -> object:
    if rule.one_of and text not in rule.one_of.split():
        raise BadSetting("setting_invalid", parameter=key, reason=f"not one of {rule.one_of}")
    if rule.form == "uuid" and _UUID.fullmatch(text) is None:
        raise BadSetting("setting_invalid", parameter=key, reason="not a tenant id (a UUID)")
    if rule.form in FORMS:
        return _read(key, text, rule.form)
    if rule.form == "https":
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
