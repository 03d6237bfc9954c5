"""Imported datasets: what no API tells, sent as a CSV file. A file is the whole list: what it lacks is gone."""

from shared.web.endpoint import Endpoint

ALL = Endpoint("http_imports", "GET", "v1/tenants/{tenant}/imports")
READ = Endpoint("http_import", "GET", "v1/tenants/{tenant}/imports/{dataset}")
REPLACE = Endpoint("http_import_replace", "PUT", "v1/tenants/{tenant}/imports/{dataset}")
