"""Memberships: who has which role, for one tenant, for the tenants with a tag, or for all."""

from shared.web.endpoint import Endpoint

CREATE = Endpoint("http_membership_create", "POST", "v1/memberships")
LIST = Endpoint("http_memberships", "GET", "v1/memberships")
READ = Endpoint("http_membership", "GET", "v1/memberships/{id}")
DELETE = Endpoint("http_membership_delete", "DELETE", "v1/memberships/{id}")
