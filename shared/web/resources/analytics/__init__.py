"""Figures over time: how runs of work ended, how that changes, and what went wrong; by tenant."""

from shared.web.endpoint import Endpoint

RUNS = Endpoint("http_analytics_runs", "GET", "v1/analytics/runs")
TRENDS = Endpoint("http_analytics_trends", "GET", "v1/analytics/trends")
BREACHES = Endpoint("http_analytics_breaches", "GET", "v1/analytics/breaches")
