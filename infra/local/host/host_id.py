"""The name that the hosts of one app share."""

import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path


def host_id(app: Path, settings: Mapping[str, str]) -> str:
    """The id under which the app's hosts share leases, keys and timer states.

    Locally it is the machine and a stable hash of the app's folder, at most 32 characters.
    """
    given = settings.get("AzureFunctionsWebHost__hostid")
    if given:
        return given.lower()
    machine = "".join(c for c in platform.node().lower() if c.isalnum())[:20] or "machine"
    digest = hashlib.sha256(str(app).encode()).hexdigest()
    return f"{machine}-{digest[:10]}"
