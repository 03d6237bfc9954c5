"""host.json, with the app settings that override it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from infra.local.host.errors import HostError
from infra.local.host.timespan import parse_timespan

OVERRIDE = "AzureFunctionsJobHost__"


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """Storage queue triggers; times in seconds.

    Defaults: https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue
    """

    batch_size: int = 16
    new_batch_threshold: int = 8
    visibility_timeout: float = 0.0
    max_dequeue_count: int = 5
    max_polling_interval: float = 60.0
    message_encoding: Literal["base64", "none"] = "base64"


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """HTTP triggers; -1 means no limit. The defaults are those of the consumption plans."""

    route_prefix: str = "api"
    max_outstanding_requests: int = 200
    max_concurrent_requests: int = 100
    custom_headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HostJson:
    """The parts of host.json that this host acts on; `function_timeout` is seconds or None."""

    queues: QueueOptions
    http: HttpOptions
    poison_blob_threshold: int
    function_timeout: float | None
    functions: tuple[str, ...] | None
    """Allow list of function names, or None for all."""


def load_host_json(path: Path, settings: Mapping[str, str]) -> HostJson:
    """Read and check host.json. Raises HostError; the platform would not start either."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise HostError(f"cannot read {path}: {error}") from error
    if not isinstance(document, dict) or document.get("version") != "2.0":
        raise HostError(f'{path}: "version" must be the string "2.0"')
    for name, value in settings.items():
        if name.lower().startswith(OVERRIDE.lower()):
            _override(document, name[len(OVERRIDE) :].split("__"), value)
    try:
        return HostJson(
            queues=_queues(_section(document, "extensions", "queues")),
            http=_http(_section(document, "extensions", "http")),
            poison_blob_threshold=_blob_threshold(_section(document, "extensions", "blobs")),
            function_timeout=_timeout(_find(document, "functionTimeout", "00:30:00")),
            functions=_allow_list(_find(document, "functions", None)),
        )
    except (TypeError, ValueError) as error:
        raise HostError(f"{path}: {error}") from error


def _override(document: dict[str, Any], path: list[str], value: str) -> None:
    for name in path[:-1]:
        key = next((k for k in document if k.lower() == name.lower()), name)
        inner = document.setdefault(key, {})
        if not isinstance(inner, dict):
            raise HostError(f"{OVERRIDE}{'__'.join(path)} runs through a plain value")
        document = inner
    last = next((k for k in document if k.lower() == path[-1].lower()), path[-1])
    document[last] = value


def _find(document: Mapping[str, Any], name: str, default: Any) -> Any:
    return next((v for k, v in document.items() if k.lower() == name.lower()), default)


def _section(document: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        found = _find(document, name, {})
        if not isinstance(found, dict):
            raise TypeError(f"{name} must be an object")
        document = found
    return document


def _queues(section: Mapping[str, Any]) -> QueueOptions:
    batch = _bounded(_find(section, "batchSize", 16), "batchSize", 1, 32)
    default_threshold = max(batch // 2, 1) * (os.cpu_count() or 1)
    encoding = str(_find(section, "messageEncoding", "base64")).lower()
    if encoding not in ("base64", "none"):
        raise ValueError(f"messageEncoding must be base64 or none, not {encoding!r}")
    return QueueOptions(
        batch_size=batch,
        new_batch_threshold=int(_find(section, "newBatchThreshold", default_threshold)),
        visibility_timeout=_seconds(_find(section, "visibilityTimeout", "00:00:00")),
        max_dequeue_count=_bounded(_find(section, "maxDequeueCount", 5), "maxDequeueCount", 1),
        max_polling_interval=_polling(_find(section, "maxPollingInterval", "00:01:00")),
        message_encoding="none" if encoding == "none" else "base64",
    )


def _blob_threshold(section: Mapping[str, Any]) -> int:
    return _bounded(_find(section, "poisonBlobThreshold", 5), "poisonBlobThreshold", 1)


def _http(section: Mapping[str, Any]) -> HttpOptions:
    defaults = HttpOptions()
    return HttpOptions(
        route_prefix=str(_find(section, "routePrefix", defaults.route_prefix)),
        max_outstanding_requests=int(
            _find(section, "maxOutstandingRequests", defaults.max_outstanding_requests)
        ),
        max_concurrent_requests=int(
            _find(section, "maxConcurrentRequests", defaults.max_concurrent_requests)
        ),
        custom_headers=tuple(
            (str(name), str(value)) for name, value in _section(section, "customHeaders").items()
        ),
    )


def _bounded(value: Any, name: str, low: int, high: int | None = None) -> int:
    number = int(value)
    if number < low or (high is not None and number > high):
        raise ValueError(f"{name} {number} is out of range")
    return number


def _seconds(value: Any) -> float:
    return parse_timespan(str(value)).total_seconds()


def _polling(value: Any) -> float:
    # A bare number was milliseconds in host.json version 1 and is days in version 2.
    seconds = _seconds(value)
    if seconds < 0.1:
        raise ValueError("maxPollingInterval must be at least 100 ms")
    return seconds


def _timeout(value: Any) -> float | None:
    return None if str(value).strip() == "-1" else _seconds(value)


def _allow_list(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(str(name) for name in value)
