"""How the service itself fares: measured stages, figures, alerts and health, of all instances together."""

from shared.web.endpoint import Endpoint

STAGES = Endpoint("http_ops_stages", "GET", "v1/ops/stages")
PERFORMANCE = Endpoint("http_ops_performance", "GET", "v1/ops/metrics/performance")
MONITORING = Endpoint("http_ops_monitoring", "GET", "v1/ops/metrics/monitoring")
SECURITY = Endpoint("http_ops_security", "GET", "v1/ops/metrics/security")
HEALTH = Endpoint("http_ops_health", "GET", "v1/ops/health")
ALERTS = Endpoint("http_ops_alerts", "GET", "v1/ops/alerts")
