"""A tenant's first night with everything on, and the days after: `uv run python -m tests.perf.night`.

The whole embedded stack collects a sandbox tenant that refuses beyond the documented budgets. Its clock is
moved while all of it waits (see `skipped_waits`), so that days are lived in minutes. Printed are the minutes
by that clock, how each dataset ended, what each service was asked for beside what it documents (the
sandbox counts it), and the memory of the process that runs functions.
"""

import argparse
import json
import sys
import time
from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg

from infra.cli.api import KanriApi
from infra.cli.follow import RUNNING
from infra.local.database import prepare_database
from infra.local.sandbox.client import SandboxAdmin
from infra.local.stack import RunningStack, Stack, StackOptions, clock_file
from shared.core import clock
from shared.core.text import Text
from tests.perf.skipped_waits import SkippedWaits

_ASKED_EVERY = 1.0  # seconds of real time
_DAY = timedelta(days=1)
_ENDS = """
    SELECT subject, state, cause, started_at, finished_at, rows
    FROM kanri.ledger WHERE kind = 'collect' ORDER BY finished_at
"""


class Night:
    """One stack, what it has been asked for so far, and the clock that it goes by."""

    def __init__(
        self, running: RunningStack, waits: SkippedWaits, owner: psycopg.Connection
    ) -> None:
        assert running.sandbox is not None
        box = running.sandbox
        self.tenant = box.tenants[0].tenant_id
        self.admin = SandboxAdmin(box.admin_url, box.ca_file, box.admin_token)
        self.api = KanriApi(running.url, running.api_key)
        self.waits, self.owner = waits, owner
        self._lived = 0
        self._spent: dict[str, Counter[str]] = {}

    def first(self) -> dict[str, Any]:
        """Connect the tenant, switch everything on, and live until every dataset has ended once."""
        began, real = clock.now(), time.monotonic()
        self.api.connect_tenant(self.tenant)
        self.api.switch_on(self.tenant)
        self.api.start_collections(self.tenant)
        asked, last = 0.0, ""
        while True:
            self.waits.pass_moment()
            if time.monotonic() - asked < _ASKED_EVERY:
                continue
            asked = time.monotonic()
            standing = self.api.collections(self.tenant)
            left = sorted(item.dataset for item in standing if item.state == RUNNING)
            if standing and not left:
                break
            if (now := ", ".join(left) if len(left) < 9 else f"{len(left)} datasets") != last:
                last = now
                _say(f"{(clock.now() - began).total_seconds() / 60:6.1f} min: {now}")
        ends = self._ends(began)
        return {
            "minutes": max(end["to"] for end in ends.values()),
            "minutes at work": round((time.monotonic() - real) / 60, 1),
            "datasets": ends,
            "services": self.spent(),
            "memory MiB": self.waits.most_memory >> 20,
        }

    def day(self) -> dict[str, Any]:
        """Live a day on, in which the tenant changes hour by hour."""
        began, real, hours = clock.now(), time.monotonic(), 0
        while (passed := clock.now() - began) < _DAY:
            if passed >= timedelta(hours=hours):
                self._lived += 1
                # A seed that came twice would make the same people twice.
                self.admin.life(2, self.tenant, self._lived)
                hours += 1
            self.waits.pass_moment()
        return {
            "minutes at work": round((time.monotonic() - real) / 60, 1),
            "states": Counter(end["state"] for end in self._ends(began).values()),
            "not ok": {
                name: f"{end['state']} {end['cause']}"
                for name, end in self._ends(began).items()
                if end["state"] not in ("ok", "off")
            },
            "services": self.spent(),
            "memory MiB": self.waits.most_memory >> 20,
        }

    def reports(self) -> dict[str, Any]:
        """Fetch each report once: its status, rows and milliseconds."""
        found = [
            self.api.fetch_report(self.tenant, key) for key in self.api.report_keys(self.tenant)
        ]
        return {one.report: [one.status, one.rows, one.milliseconds] for one in found}

    def spent(self) -> dict[str, dict[str, float]]:
        """Return what the sandbox was asked for since it was asked last, by its budgets."""
        throttle = self.admin.stats()["throttle"]
        told: dict[str, dict[str, float]] = {}
        for name, one in sorted(throttle["budgets"].items()):
            before = self._spent.get(name, Counter())
            self._spent[name] = now = Counter(
                {key: one[key] for key in ("requests", "units", "refused")}
            )
            told[name] = {key: now[key] - before[key] for key in now} | {"busiest": one["busiest"]}
        return told

    def _ends(self, since: datetime) -> dict[str, dict[str, Any]]:
        """Return how each dataset's last run since then ended, and when, in minutes from then on."""
        rows = self.owner.execute(_ENDS).fetchall()
        return {
            dataset: {
                "state": state,
                "cause": cause,
                "from": _minutes(started - since),
                "to": _minutes(finished - since),
                "rows": read,
            }
            for dataset, state, cause, started, finished, read in rows
            if finished >= since
        }


def run(users: int, days: int) -> dict[str, Any]:
    """Live the first night and `days` days more; return all figures."""
    with TemporaryDirectory(prefix="kanri-night-") as folder, ExitStack() as undo:
        Path(folder).chmod(0o755)
        work = Path(folder) / "stack"
        stack = Stack(
            StackOptions(work_dir=work, users=users, prepare_database=prepare_database), _tell
        )
        undo.callback(stack.stop)
        running = stack.start(reset=True)
        clock.follow(clock_file(work))
        undo.callback(clock.follow, None)
        owner = undo.enter_context(psycopg.connect(running.owner_url, autocommit=True))
        waits = SkippedWaits(clock_file(work), owner, idle=timedelta(minutes=10))
        night = Night(running, waits, owner)
        figures: dict[str, Any] = {"users": users, "first night": night.first()}
        _say(json.dumps(figures))
        figures["reports"] = night.reports()
        _say(json.dumps(figures["reports"]))
        for number in range(1, days + 1):
            figures[f"day {number}"] = night.day()
            _say(json.dumps(figures[f"day {number}"]))
        return figures


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.perf.night", description=__doc__)
    parser.add_argument("--users", type=int, default=2000)
    parser.add_argument("--days", type=int, default=2, help="days after the first night")
    arguments = parser.parse_args()
    print(json.dumps(run(arguments.users, arguments.days), indent=2))


def _minutes(span: timedelta) -> float:
    return round(span.total_seconds() / 60, 1)


def _say(text: str) -> None:
    print(f"  .. {text}", file=sys.stderr, flush=True)


def _tell(text: Text) -> None:
    _say(text.en)


if __name__ == "__main__":
    main()
