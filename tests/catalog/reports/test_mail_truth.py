"""What the mail reports answer, counted once more from the sandbox's own memory."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxProcess
from shared.core import clock, registry
from shared.core.query import Order, ReportQuery
from shared.store.answers.reports import Reports
from tests.catalog.reports.simulated import SEEDS
from tests.fixtures.collecting import Bench
from tests.fixtures.graph import OpenPurse
from tests.fixtures.stored import collected

pytestmark = pytest.mark.stack

DATASETS = ("users", "domains", "message_traces", "message_trace_details", "mailbox_settings", "inbox_rules")  # fmt: skip
FINAL = {"delivered", "failed", "expanded", "quarantined", "filteredAsSpam"}


@pytest.fixture(params=[10 + seed for seed in SEEDS])
def collected_tenant(
    request: pytest.FixtureRequest, app_engine: Engine, tmp_path: Path
) -> Iterator[tuple[Bench, SandboxAdmin]]:
    """A small tenant of a seed whose mail has been read."""
    process = SandboxProcess(tmp_path / "sandbox", users=60, seed=request.param)
    process.start()
    try:
        ready = process.wait_ready()
        admin = SandboxAdmin(ready.admin_url, ready.ca_file, ready.admin_token)
        admin.throttle(0)
        bench = Bench(app_engine, ready, OpenPurse())
        for dataset in DATASETS:
            collected(bench, dataset)
        yield bench, admin
    finally:
        process.stop()


def answered(bench: Bench, key: str) -> list[dict[str, Any]]:
    report = registry.report(key)
    columns = tuple(column.id for column in report.columns)
    question = ReportQuery(as_of=None, columns=columns, order=(Order("id"),), top=1_000)
    with Reports(bench.engine).snapshot(bench.tenant_id) as snapshot:
        page = snapshot.page(report, question)
    assert page.next is None
    return [dict(zip(page.columns, row, strict=True)) for row in page.rows]


def test_the_reports_count_what_the_tenant_had(
    collected_tenant: tuple[Bench, SandboxAdmin],
) -> None:
    bench, admin = collected_tenant
    now = clock.now()
    # Neither what is still under way or may be taken back, nor what leaves the period meanwhile.
    since, until = now - timedelta(hours=46), now - timedelta(hours=4)
    told = [
        row
        for row in admin.journal("message_traces")["objects"].values()
        if since < datetime.fromisoformat(row["receivedDateTime"]) < until
        and row["status"] in FINAL
    ]
    own = set(admin.journal("domains")["objects"])
    flow = [
        row
        for row in answered(bench, "mailflow")
        if since < row["received_at"] < until and row["status"] in FINAL
    ]
    expected = Counter((row["status"], _direction(row, own)) for row in told)
    assert Counter((row["status"], row["event_type"]) for row in flow) == expected
    assert sum(row["size_kb"] for row in flow) == pytest.approx(
        sum(row["size"] for row in told) / 1024, abs=len(told) / 200
    )
    caught = Counter(row["status"] for row in told if row["status"] in ("filteredAsSpam", "quarantined"))  # fmt: skip
    spam = Counter(row["action"] for row in answered(bench, "spam") if since < row["received_at"] < until)  # fmt: skip
    assert spam == caught
    assert caught
    late = {row["id"]: row for row in answered(bench, "delivery") if since < row["sent_at"] < until}
    failed = [row for row in told if row["status"] == "failed"]
    assert {own for own, row in late.items() if row["latest_event"] == "Fail"} == {
        f"{row['id']}/{row['recipientAddress']}" for row in failed
    }
    _check_forwarding(bench, admin, own)


def _direction(row: dict[str, Any], own: set[str]) -> str:
    ours, theirs = (
        row[name].partition("@")[2] in own for name in ("senderAddress", "recipientAddress")
    )
    return {(1, 1): "internal", (1, 0): "outbound", (0, 1): "inbound", (0, 0): "transit"}[ours, theirs]  # fmt: skip


def _check_forwarding(bench: Bench, admin: SandboxAdmin, own: set[str]) -> None:
    outside = {}
    for key, rule in admin.journal("inbox_rules")["objects"].items():
        lists = [rule["actions"].get(name, []) for name in ("forwardTo", "redirectTo", "forwardAsAttachmentTo")]  # fmt: skip
        addresses = [one["emailAddress"]["address"] for each in lists for one in each]
        found = [one for one in addresses if "@" in one and one.split("@")[1] not in own]
        if found:
            outside[f"{rule['userId']}/{key}"] = len(found)
    rows = answered(bench, "forwarding")
    assert {row["id"]: row["outside_count"] for row in rows} == outside
    names = {key: user["displayName"] for key, user in admin.journal("users")["objects"].items()}
    assert all(row["user_name"] == names[row["user_id"]] for row in rows)
