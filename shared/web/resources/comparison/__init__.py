"""A report at two instants: what was added, removed and changed."""

from shared.web.endpoint import Endpoint

COMPARE = Endpoint("http_report_changes", "GET", "v1/tenants/{tenant}/reports/{key}/changes")
