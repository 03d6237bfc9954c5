"""The reports of a tenant: the list, and one report as JSON or CSV."""

from shared.web.endpoint import Endpoint

LIST = Endpoint("http_reports", "GET", "v1/tenants/{tenant}/reports")
READ = Endpoint("http_report", "GET", "v1/tenants/{tenant}/reports/{key}")
