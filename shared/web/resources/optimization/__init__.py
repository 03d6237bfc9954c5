"""Optimising the database: what the last look found, what was done about it, and doing it now."""

from shared.web.endpoint import Endpoint

_PATH = "v1/ops/optimization/database"

READ = Endpoint("http_database_findings", "GET", _PATH)
START = Endpoint("http_optimize_database", "POST", _PATH, queues=("collect",))
