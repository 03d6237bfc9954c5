"""The documented budgets: what they refuse, and what the refusal says."""

import pytest

from tests.infra.sandbox.conftest import Sandbox

pytestmark = pytest.mark.stack


def test_conditional_access_is_one_a_second_and_says_nothing(sandbox: Sandbox) -> None:
    sandbox.admin.throttle(1)
    answers = [sandbox.get("/identity/conditionalAccess/policies") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert "retry-after" not in answers[1].headers


def test_audit_logs_are_five_in_ten_seconds(sandbox: Sandbox) -> None:
    sandbox.admin.throttle(1)
    answers = [sandbox.get("/auditLogs/signIns?$top=1") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
    assert answers[-1].headers["x-ms-throttle-scope"].startswith("Tenant_Application")


def test_usage_reports_are_fourteen_in_ten_minutes_each(sandbox: Sandbox) -> None:
    sandbox.admin.throttle(1)
    path = "/reports/getMailboxUsageDetail(period='D7')"
    answers = [sandbox.get(path) for _ in range(15)]
    assert [answer.status_code for answer in answers] == [302] * 14 + [429]
    assert int(answers[-1].headers["retry-after"]) > 500
    assert sandbox.get("/reports/getTeamsUserActivityUserDetail(period='D7')").status_code == 302


def test_what_was_spent_of_each_budget_is_told(sandbox: Sandbox) -> None:
    def spent() -> dict[str, float]:
        told: dict[str, float] = sandbox.admin.stats()["throttle"]["budgets"].get("audit", {})
        return told

    before = spent()
    sandbox.admin.throttle(1)
    for _ in range(7):
        sandbox.get("/auditLogs/signIns?$top=1")
    after = spent()
    assert after["requests"] - before.get("requests", 0) == 5
    assert after["units"] - before.get("units", 0) == 5
    assert after["refused"] - before.get("refused", 0) == 2
    assert after["busiest"] == 1


def test_identity_requests_cost_resource_units(sandbox: Sandbox) -> None:
    sandbox.admin.throttle(0.01)  # 50 units in ten seconds
    costs = {
        path: sandbox.get(path).headers["x-ms-resource-unit"]
        for path in ("/users", "/users?$select=id", "/subscribedSkus", "/users/delta")
    }
    assert list(costs.values()) == ["2", "1", "3", "1"]
    answers = [sandbox.get("/subscribedSkus") for _ in range(20)]
    assert any("x-ms-throttle-limit-percentage" in answer.headers for answer in answers)
    assert answers[-1].status_code == 429
