"""Start and stop Azurite: blobs, queues and tables on free loopback ports."""

import base64
import os
import re
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.local.azurite.install import installed_azurite, node
from infra.local.child import Child
from infra.local.private_file import kept_secret
from shared.core.text import Text

ACCOUNT = "devstoreaccount1"

_START_SECONDS = 60.0
_LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at (\S+)")


class Azurite:
    """Storage accounts whose data lives in `home/data` and whose one random key in `home/key`.

    Azurite writes its queues and blob index to disk every five seconds and at an orderly stop: a
    kill -9 of Azurite itself may forget the last seconds, as no storage account in Azure would.
    """

    def __init__(
        self,
        home: Path,
        *,
        tools: Path,
        say: Callable[[Text], None],
        log_file: Path | None = None,
        in_memory: bool = False,
        accounts: Sequence[str] = (ACCOUNT,),
    ) -> None:
        """`tools` holds the installation, shared by all homes; `in_memory` keeps no data at all.

        The first of `accounts` is the one of `connection_string`.
        """
        self._home = home
        self._tools = tools
        self._say = say
        self._log_file = log_file or home / "azurite.log"
        self._in_memory = in_memory
        self._accounts = accounts
        self._child: Child | None = None
        self._endpoints: dict[str, str] = {}

    @property
    def pid(self) -> int:
        """The process id; RuntimeError before `start`."""
        if self._child is None:
            raise RuntimeError("Azurite is not started")
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._child is not None and self._child.running

    def start(self) -> None:
        """Install Azurite if need be and start it; `wait_ready` tells when it listens."""
        install = installed_azurite(self._tools, self._say)
        data = self._home / "data"
        data.mkdir(parents=True, exist_ok=True)
        accounts = ";".join(f"{account}:{self._key()}" for account in self._accounts)
        place = ["--inMemoryPersistence"] if self._in_memory else ["--location", str(data)]
        self._child = Child(
            "Azurite",
            [
                node(),
                str(install / "node_modules/azurite/dist/src/azurite.js"),
                *("--blobPort", "0", "--queuePort", "0", "--tablePort", "0"),
                *("--silent", "--skipApiVersionCheck", "--disableTelemetry"),
                *place,
            ],
            log_file=self._log_file,
            environment={**os.environ, "AZURITE_ACCOUNTS": accounts},
            folder=data,
        )
        self._child.start()

    def wait_ready(self) -> None:
        """Return when all three services listen; ChildFailed if they do not."""
        if self._child is None:
            raise RuntimeError("Azurite is not started")
        found: dict[str, str] = {}

        def recognise(line: str) -> dict[str, str] | None:
            if match := _LISTENING.search(line):
                found[match[1]] = match[2]
            return found if len(found) == 3 else None

        self._endpoints = self._child.wait_for(recognise, seconds=_START_SECONDS)

    def stop(self) -> None:
        """Stop in order, so that everything is on disk."""
        if self._child is not None:
            self._child.stop(grace=10)
            self._child = None

    @property
    def connection_string(self) -> str:
        """What `AzureWebJobsStorage` and the storage SDKs take. It contains the account key."""
        return self.connection_string_of(self._accounts[0])

    def connection_string_of(self, account: str) -> str:
        """The same of another of the accounts."""
        endpoints = sorted(self._endpoints.items())
        parts = {
            "DefaultEndpointsProtocol": "http",
            "AccountName": account,
            "AccountKey": self._key(),
            **{f"{service}Endpoint": f"{url}/{account}" for service, url in endpoints},
        }
        return ";".join(f"{name}={value}" for name, value in parts.items())

    def _key(self) -> str:
        return kept_secret(
            self._home / "key", lambda: base64.b64encode(secrets.token_bytes(64)).decode()
        )
