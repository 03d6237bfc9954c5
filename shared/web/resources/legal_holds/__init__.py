"""Legal holds of a tenant: listing, placing and lifting them."""

from shared.web.endpoint import Endpoint

LIST = Endpoint("http_legal_holds", "GET", "v1/tenants/{tenant}/legal-holds")
PLACE = Endpoint("http_legal_hold_place", "POST", "v1/tenants/{tenant}/legal-holds")
LIFT = Endpoint("http_legal_hold_lift", "POST", "v1/tenants/{tenant}/legal-holds/{id}/lift")
