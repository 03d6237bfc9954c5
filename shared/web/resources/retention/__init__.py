"""How long a tenant's datasets are kept, and what the next run would take away."""

from shared.web.endpoint import Endpoint

READ = Endpoint("http_retention", "GET", "v1/tenants/{tenant}/retention")
REPLACE = Endpoint("http_retention_replace", "PUT", "v1/tenants/{tenant}/retention")
PREVIEW = Endpoint("http_retention_preview", "GET", "v1/tenants/{tenant}/retention/preview")
