"""A report of all the tenants that its reader may see, in one answer."""

from shared.web.endpoint import Endpoint

READ = Endpoint("http_reports_of_tenants", "GET", "v1/reports/{key}")
