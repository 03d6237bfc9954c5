"""What a tenant sets for itself: the thresholds that its reports go by, and which
datasets that cost many requests are read."""

from shared.web.endpoint import Endpoint

READ = Endpoint("http_settings", "GET", "v1/tenants/{tenant}/settings")
CHANGE = Endpoint("http_settings_change", "PATCH", "v1/tenants/{tenant}/settings")
