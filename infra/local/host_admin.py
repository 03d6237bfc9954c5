"""Running a function of a local host by hand, as an administrator of the platform does.

The master key is where the host keeps it, in its storage account.
"""

import json
import urllib.error
import urllib.request
from pathlib import Path

from azure.core.exceptions import AzureError
from azure.storage.blob import BlobClient

from infra.local.errors import StackError
from infra.local.host.host_id import host_id
from infra.local.host.keys import CONTAINER
from shared.core.text import Text

_TIMEOUT_SECONDS = 30.0


class HostAdmin:
    """Calls `{url}/admin` of the host that serves `app` with `settings`."""

    def __init__(self, url: str, *, app: Path, settings: Path) -> None:
        """`settings` is shaped like local.settings.json."""
        self._url, self._app, self._settings = url, app, settings
        self._master: str | None = None
        # A proxy of the environment is for the world outside, not for this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def start(self, function: str) -> None:
        """Start a timer or queue function now; it is not waited for. StackError if that fails.

        https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
        """
        try:
            self._master = self._master or self._read_master()
            request = urllib.request.Request(  # noqa: S310  our own host on http://127.0.0.1
                f"{self._url}/admin/functions/{function}",
                method="POST",
                data=b"{}",
                headers={"x-functions-key": self._master, "Content-Type": "application/json"},
            )
            self._opener.open(request, timeout=_TIMEOUT_SECONDS).close()
        except (AzureError, OSError) as error:
            raise StackError(
                Text(
                    f"The function {function} cannot be started by hand.",
                    f"関数 {function} を手動で開始できません。",
                ),
                type(error).__name__,
            ) from error

    def _read_master(self) -> str:
        values = json.loads(self._settings.read_text(encoding="utf-8"))["Values"]
        name = f"{host_id(self._app.resolve(), values)}/host.json"
        with BlobClient.from_connection_string(
            values["AzureWebJobsStorage"], CONTAINER, name
        ) as blob:
            return str(json.loads(blob.download_blob().readall())["masterKey"]["value"])
