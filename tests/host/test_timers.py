"""Timer triggers: status, past due, singleton lease, running by hand."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueClient

from infra.local.errors import StackError
from infra.local.host_admin import HostAdmin
from shared.core import clock
from tests.host.conftest import MakeQueue, StartHost
from tests.host.running_host import APPS, RunningHost, eventually, take, unique

pytestmark = pytest.mark.stack
NEVER = "0001-01-01T00:00:00+00:00"
DAILY = "0 0 3 * * *"


@pytest.fixture
def output(make_queue: MakeQueue) -> QueueClient:
    return make_queue("ticks")


def settings(output: QueueClient, every: str, host_id: str | None = None) -> dict[str, str]:
    given = {"OUTPUT": output.queue_name, "EVERY": every}
    return {**given, "AzureFunctionsWebHost__hostid": host_id or unique("timer")}


def status_blob(azurite: str, host_id: str, function: str, text: str | None = None) -> Any:
    """Read the status of a timer, or write it."""
    name = f"timers/{host_id}/Host.Functions.{function}/status"
    with BlobServiceClient.from_connection_string(azurite) as service:
        container = service.get_container_client("azure-webjobs-hosts")
        if text is None:
            return json.loads(container.download_blob(name).readall())
        if not container.exists():
            container.create_container()
        container.upload_blob(name, text, overwrite=True)
    return None


def run_of(output: QueueClient, name: str, seconds: float = 10.0) -> Any:
    """The next report of a timer; reports of others are thrown away."""

    def look() -> Any:
        seen = take(output)
        return seen if seen and seen["name"] == name else None

    return eventually(look, seconds)


def test_startup_status_retries_and_running_by_hand(
    start_host: StartHost, output: QueueClient, azurite: str
) -> None:
    host_id = unique("timer")
    host = start_host("timer_app", settings(output, DAILY, host_id))
    assert "The 'impossible' function is in error" in host.log()
    seen = run_of(output, "starting")
    assert (seen["past_due"], seen["schedule"]) == (False, {"AdjustForDST": True})
    assert seen["status"]["Last"] == NEVER

    def ran() -> Any:
        status = status_blob(azurite, host_id, "starting")
        return status if status["Last"] != NEVER else None

    status = eventually(ran)
    at = datetime.fromisoformat(status["Last"])
    assert abs(datetime.now(UTC) - at) < timedelta(seconds=20)
    assert datetime.fromisoformat(status["Next"]).strftime("%H:%M:%S") == "03:00:00"
    assert status["LastUpdated"] == status["Last"]

    assert host.call("POST", "/admin/functions/yearly", "{}").status == 401
    master = _master_key(azurite, host_id)
    answer = host.call("POST", "/admin/functions/yearly", "{}", {"x-functions-key": master})
    assert answer.status == 202
    assert run_of(output, "yearly")["attempt"] == 2


def _master_key(azurite: str, host_id: str) -> str:
    with BlobServiceClient.from_connection_string(azurite) as service:
        blob = service.get_blob_client("azure-webjobs-secrets", f"{host_id}/host.json")
        return str(json.loads(blob.download_blob().readall())["masterKey"]["value"])


def test_who_knows_the_settings_runs_a_timer_by_hand(
    start_host: StartHost, output: QueueClient, azurite: str
) -> None:
    host = start_host("timer_app", settings(output, DAILY))
    url = f"http://127.0.0.1:{host.port}"
    admin = HostAdmin(url, app=APPS / "timer_app", settings=host.settings_file)
    for _ in range(2):
        admin.start("yearly")
        assert run_of(output, "yearly")
    with pytest.raises(StackError, match="nothing_of_the_kind"):
        admin.start("nothing_of_the_kind")


def test_a_missed_run_is_past_due_once_and_a_changed_schedule_is_not(
    start_host: StartHost, output: QueueClient, azurite: str
) -> None:
    missed, changed = unique("missed"), unique("changed")
    last = (datetime.now(UTC) - timedelta(days=3)).replace(
        hour=3, minute=0, second=0, microsecond=0
    )
    for host_id, due in ((missed, last + timedelta(days=1)), (changed, last + timedelta(hours=7))):
        status = {"Last": last, "Next": due, "LastUpdated": last}
        text = json.dumps({key: moment.isoformat() for key, moment in status.items()})
        status_blob(azurite, host_id, "ticking", text)

    start_host("timer_app", settings(output, DAILY, changed))
    with pytest.raises(AssertionError, match="did not happen"):
        run_of(output, "ticking", 3)
    assert datetime.fromisoformat(status_blob(azurite, changed, "ticking")["Next"]) > datetime.now(
        UTC
    )

    start_host("timer_app", settings(output, DAILY, missed))
    seen = run_of(output, "ticking")
    assert seen["past_due"] is True
    assert datetime.fromisoformat(seen["status"]["Last"]) == last


def test_two_hosts_share_one_timer(start_host: StartHost, output: QueueClient) -> None:
    shared = settings(output, "* * * * * *", unique("pair"))
    words = ("--timer-lease", "15", "--timer-retry", "0.3")
    pair = [start_host("timer_app", shared, *words) for _ in range(2)]
    ticks = [run_of(output, "ticking") for _ in range(3)]
    assert len({tick["host"] for tick in ticks}) == 1
    assert ticks[0]["status"] == {}  # more often than once a minute: not monitored
    first = _by_pid(pair, ticks[0]["host"])
    second = next(host for host in pair if host is not first)
    assert first.stop() == 0

    def taken_over() -> bool:
        return bool(run_of(output, "ticking")["host"] == second.ready["pid"])

    eventually(taken_over, 5)


def _by_pid(hosts: list[RunningHost], pid: int) -> RunningHost:
    return next(host for host in hosts if host.ready["pid"] == pid)


def test_a_timer_goes_by_a_clock_that_was_moved(
    start_host: StartHost, output: QueueClient, azurite: str, tmp_path: Path
) -> None:
    file, host_id = tmp_path / "clock", unique("moved")
    follows = {"KANRI_CLOCK_FILE": str(file)}
    start_host("timer_app", settings(output, DAILY, host_id) | follows)
    run_of(output, "starting")
    tomorrow = clock.move(file, timedelta(days=1))
    seen = run_of(output, "ticking", 30)
    assert seen["past_due"] is False
    with pytest.raises(AssertionError, match="did not happen"):
        run_of(output, "ticking", 3)

    def next_due() -> Any:
        due = datetime.fromisoformat(status_blob(azurite, host_id, "ticking")["Next"])
        return due if due > tomorrow else None

    assert eventually(next_due) < tomorrow + timedelta(days=1, minutes=5)
