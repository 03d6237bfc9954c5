"""How the service itself fares: measured stages and figures of all instances together."""

from shared.web.endpoint import Endpoint

STAGES = Endpoint("http_ops_stages", "GET", "v1/ops/stages")
PERFORMANCE = Endpoint("http_ops_performance", "GET", "v1/ops/metrics/performance")
