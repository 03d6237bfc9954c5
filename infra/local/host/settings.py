"""App settings: what the platform keeps per app and a settings file keeps here."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from infra.local.host.errors import HostError
from infra.local.host.options import HostOptions

# What a worker needs from the machine; everything else comes from the settings.
MACHINE = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "USERPROFILE", "SYSTEMROOT",
    "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",  # without it some builds of Python do not start
)  # fmt: skip


def load_settings(options: HostOptions) -> dict[str, str]:
    """Read the app settings.

    A file named by the caller is all there is. Otherwise `local.settings.json` of the app, and
    the environment over it, as `func start` does. Raises HostError for an unreadable file.
    """
    if options.settings is not None:
        return _read_values(options.settings)
    default = options.app / "local.settings.json"
    values = _read_values(default) if default.exists() else {}
    return values | dict(os.environ)


def _read_values(path: Path) -> dict[str, str]:
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise HostError(f"cannot read the settings file {path}: {error}") from error
    values = document.get("Values") if isinstance(document, dict) else None
    if not isinstance(values, dict):
        raise HostError(f"{path} has no object named Values")
    if document.get("IsEncrypted"):
        raise HostError(f"{path} is encrypted; decrypt it with Core Tools first")
    # As Core Tools do: null is no setting, and everything else is text.
    return {name: str(value) for name, value in values.items() if value is not None}


def worker_environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a worker process: the app settings and little else."""
    machine = {name: os.environ[name] for name in MACHINE if name in os.environ}
    platform = {
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AZURE_FUNCTIONS_ENVIRONMENT": "Development",
        "PYTHONIOENCODING": "utf-8",
    }
    return {**machine, **platform, **settings}


def is_disabled(settings: Mapping[str, str], function: str) -> bool:
    """Tell whether `AzureWebJobs.<function>.Disabled` is true; names ignore case."""
    wanted = {f"azurewebjobs.{function}.disabled".lower()}
    wanted |= {name.replace(".", "__") for name in wanted}
    return any(
        name.lower() in wanted and value.strip().lower() in ("true", "1")
        for name, value in settings.items()
    )
