"""The past as the PowerShell tool told it: its files, imported after a dry run, shown as what they are, undone as a whole."""

from shared.web.endpoint import Endpoint

IMPORT = Endpoint("http_past_import", "POST", "v1/tenants/{tenant}/imports")
ALL = Endpoint("http_imported_reports", "GET", "v1/tenants/{tenant}/imported-reports")
READ = Endpoint("http_imported_report", "GET", "v1/tenants/{tenant}/imported-reports/{id}")
UNDO = Endpoint("http_imported_report_undo", "DELETE", "v1/tenants/{tenant}/imported-reports/{id}")
