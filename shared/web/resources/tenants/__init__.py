"""The tenants Kanri serves: connect, list, look at, tag, pause, resume, remove, check the consent."""

from shared.web.endpoint import Endpoint

CONNECT = Endpoint("http_tenant_connect", "POST", "v1/tenants")
LIST = Endpoint("http_tenants", "GET", "v1/tenants")
READ = Endpoint("http_tenant", "GET", "v1/tenants/{tenant}")
CHANGE = Endpoint("http_tenant_change", "PATCH", "v1/tenants/{tenant}")
PAUSE = Endpoint("http_tenant_pause", "POST", "v1/tenants/{tenant}/pause")
RESUME = Endpoint("http_tenant_resume", "POST", "v1/tenants/{tenant}/resume")
REMOVE = Endpoint("http_tenant_remove", "DELETE", "v1/tenants/{tenant}", queues=("collect",))
CONSENT = Endpoint("http_consent", "GET", "v1/tenants/{tenant}/consent")
