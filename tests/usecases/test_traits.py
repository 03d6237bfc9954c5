"""What collectors can say beyond lists: one object, volatile properties, changes by a time."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from infra.local.sandbox.client import SandboxAdmin
from tests.fixtures.collecting import Bench
from tests.fixtures.stored import collected, data_version, stored

pytestmark = pytest.mark.stack


@pytest.fixture(autouse=True)
def unthrottled(sandbox_admin: SandboxAdmin) -> Iterator[None]:
    sandbox_admin.throttle(0)
    yield
    sandbox_admin.throttle(1)


def test_one_object_is_a_dataset_with_history(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    first = collected(bench, "authorization_policy")
    assert (first.counts.read, first.counts.inserted, first.rows) == (1, 1, 1)
    assert collected(bench, "authorization_policy").counts.unchanged == 1
    told = sandbox_admin.journal("authorization_policy")["objects"]["authorizationPolicy"]
    others = "none" if told["allowInvitesFrom"] != "none" else "everyone"
    sandbox_admin.patch("authorization_policy", "authorizationPolicy", {"allowInvitesFrom": others})
    assert collected(bench, "authorization_policy").counts.updated == 1
    versions = stored(bench, "authorization_policy", "valid_to IS NULL, id, allow_invites_from")
    assert versions == [
        (False, "authorizationPolicy", told["allowInvitesFrom"]),
        (True, "authorizationPolicy", others),
    ]


def test_one_object_that_is_cut_is_asked_for_again_and_closes_nothing(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    collected(bench, "authorization_policy")
    sandbox_admin.faults({"kind": "cut", "path": "/authorizationPolicy", "count": 1})
    assert collected(bench, "authorization_policy").counts.unchanged == 1
    sandbox_admin.faults({"kind": "cut", "path": "/authorizationPolicy"})
    row = bench.collect("authorization_policy")
    assert row is None or row.state != "ok"
    assert set(bench.current("authorization_policy")) == {"authorizationPolicy"}


def test_what_changes_by_itself_is_brought_up_to_date_and_makes_no_version(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = collected(bench, "managed_devices")
    before = dict(stored(bench, "managed_devices", "id, last_sync_at"))
    version = data_version(bench, "managed_devices")
    sandbox_admin.advance(timedelta(days=4).total_seconds())
    row = collected(bench, "managed_devices")
    assert (row.counts.inserted, row.counts.updated, row.counts.closed) == (0, 0, 0)
    after = dict(stored(bench, "managed_devices", "id, last_sync_at"))
    assert len(after) == first.rows, "no second version"
    moved = {key for key, at in after.items() if at > before[key]}
    assert len(moved) > len(after) * 0.9
    assert data_version(bench, "managed_devices") > version, "answers that were kept are old"
    told = bench.current("managed_devices")
    assert all(told[key]["lastSyncDateTime"] != before[key] for key in moved)


def test_a_change_besides_makes_a_version(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    collected(bench, "managed_devices")
    key = min(bench.current("managed_devices"))
    sandbox_admin.patch("managed_devices", key, {"complianceState": "conflict"})
    sandbox_admin.advance(timedelta(days=1).total_seconds())
    assert collected(bench, "managed_devices").counts.updated == 1
    versions = stored(
        bench, "managed_devices", "valid_from, valid_to IS NULL, compliance_state", f"id = '{key}'"
    )
    assert [version[1:] for version in versions][-1] == (True, "conflict")
    assert len(versions) == 2


def test_a_tenant_without_intune_has_no_licence(bench: Bench, sandbox_admin: SandboxAdmin) -> None:
    sandbox_admin.tenant(notBought=["intune"])
    try:
        collected(bench, "managed_devices", "not_licensed", "graph_not_licensed")
    finally:
        sandbox_admin.tenant(notBought=[])


def test_an_alert_is_followed_through_its_states_and_never_closed(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = collected(bench, "security_alerts")
    assert first.rows == first.counts.inserted > 0
    assert first.counts.closed == 0
    sandbox_admin.advance(timedelta(days=3).total_seconds())
    row = collected(bench, "security_alerts")
    assert row.counts.updated > 0, "some were worked on"
    assert row.counts.closed == 0
    assert row.counts.read < first.rows, "only what has changed is asked for"
    states = stored(
        bench, "security_alerts", "id, count(*), max(last_update_at)", "true GROUP BY id"
    )
    assert sum(count > 1 for _id, count, _at in states) == row.counts.updated
    current = stored(bench, "security_alerts", "id, status", "valid_to IS NULL")
    assert len(current) == row.rows == first.rows + row.counts.inserted


def test_alerts_that_a_later_read_does_not_tell_of_stay(
    bench: Bench, sandbox_admin: SandboxAdmin
) -> None:
    first = collected(bench, "security_alerts")
    sandbox_admin.faults({"kind": "no_rows", "path": "/alerts_v2"})
    row = collected(bench, "security_alerts")
    assert (row.counts.read, row.counts.closed, row.rows) == (0, 0, first.rows)
