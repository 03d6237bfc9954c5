"""Each log alert fires in its situation and stays silent in the next one: its query is really run."""

import operator

import pytest

from tests.infra.alert_situations import SITUATIONS, Situation
from tests.infra.declarations import alert_queries, log_alerts
from tests.infra.kql.workspace import duration, run

ALERTS = {alert["name"]: alert for alert in log_alerts()}
QUERIES = alert_queries()
OPERATORS = {"GreaterThan": operator.gt, "LessThan": operator.lt}


@pytest.mark.slow
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda s: f"{s.alert}: {s.name}")
def test_an_alert_fires_when_it_should_and_for_whom(situation: Situation) -> None:
    alert = ALERTS[situation.alert]
    beyond = OPERATORS[alert["operator"]]
    answer = run(QUERIES[situation.alert], situation.rows, duration(alert["window"]))
    fired = {
        tuple(line[name] for name in alert["dimensions"])
        for line in answer
        if line[alert["measure"]] is not None and beyond(line[alert["measure"]], alert["threshold"])
    }
    assert fired == situation.fires


def test_every_log_alert_is_tried_both_ways() -> None:
    assert {s.alert for s in SITUATIONS if s.fires} == set(ALERTS)
    assert {s.alert for s in SITUATIONS if not s.fires} == set(ALERTS)


@pytest.mark.parametrize("alert", ALERTS.values(), ids=lambda alert: alert["name"])
def test_an_alert_looks_back_over_whole_evaluations_and_at_most_two_days(
    alert: dict[str, str],
) -> None:
    """https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule"""
    window, frequency = duration(alert["window"]), duration(alert["frequency"])
    assert frequency <= window <= duration("P2D")
