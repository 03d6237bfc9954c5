"""Where callers may ask about a tenant from: ranges of addresses that it allows and denies."""

from shared.web.endpoint import Endpoint

READ = Endpoint("http_addresses", "GET", "v1/tenants/{tenant}/addresses")
CHANGE = Endpoint("http_addresses_change", "PATCH", "v1/tenants/{tenant}/addresses")
