"""Collecting: start now, see where each dataset stands and what it takes, read the ledger of finished runs."""

from shared.web.endpoint import Endpoint

START = Endpoint("http_collect_now", "POST", "v1/tenants/{tenant}/collections", queues=("collect",))
STATUS = Endpoint("http_collections", "GET", "v1/tenants/{tenant}/collections")
ESTIMATES = Endpoint("http_estimates", "GET", "v1/tenants/{tenant}/collections/estimates")
LEDGER = Endpoint("http_ledger", "GET", "v1/tenants/{tenant}/ledger")
DATASETS = Endpoint("http_datasets", "GET", "v1/datasets")
