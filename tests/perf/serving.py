"""The product served by the embedded Functions host, as a child process on a benchmark's database."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from infra.local.azurite import Azurite
from infra.local.host_process import HostProcess
from infra.local.repository import ROOT, WORK_DIR
from shared.core.text import Text
from tests.fixtures.sealing import SEALING_KEYS
from tests.perf.ground import Ground

# Only what is asked over HTTP is to happen while a benchmark runs.
_STILL = ("timer_dispatch", "queue_collect", "queue_collect_poison")


@contextmanager
def storage(ground: Ground) -> Iterator[str]:
    """Run a storage account in memory; yields its connection string."""
    folder = ground.scratch / "azurite"
    folder.mkdir(exist_ok=True)
    server = Azurite(folder, tools=WORK_DIR, say=_say, in_memory=True)
    server.start()
    try:
        server.wait_ready()
        yield server.connection_string
    finally:
        server.stop()


class Served:
    """Starts a host per round: `start` and `stop` are a variant's `prepare` and `release`."""

    def __init__(
        self,
        ground: Ground,
        database: Mapping[str, object],
        account: str,
        name: str = "host",
        **settings: str,
    ) -> None:
        """`name` tells hosts apart that run at once; `settings` are further ones of the app."""
        self._folder = ground.scratch / name
        self._folder.mkdir(exist_ok=True)
        self._values = {
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "AzureWebJobsStorage": account,
            **{f"AzureWebJobs.{name}.Disabled": "true" for name in _STILL},
            "KANRI_DATABASE_URL": str(database["app_database"]),
            "KANRI_SEALING_KEYS": SEALING_KEYS,
            "KANRI_LOG_LEVEL": "WARNING",
            **settings,
        }
        self._process: HostProcess | None = None

    def start(self) -> dict[str, object]:
        """Start a host and return its address, and the process id whose children are its workers."""
        file = self._folder / "local.settings.json"
        file.write_text(json.dumps({"IsEncrypted": False, "Values": self._values}))
        log = self._folder / "host.log"
        self._process = HostProcess(Path(ROOT), settings=file, log_file=log)
        self._process.start()
        return {"port": self._process.wait_ready().port, "host_pid": self._process.pid}

    def stop(self, _prepared: Mapping[str, object]) -> None:
        """End the host and its workers."""
        if self._process is not None:
            self._process.stop()
            self._process = None


def _say(text: Text) -> None:
    print(text.en, flush=True)
