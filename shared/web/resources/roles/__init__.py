"""Roles: the built-in ones, and those that the deployment defines for itself."""

from shared.web.endpoint import Endpoint

CREATE = Endpoint("http_role_create", "POST", "v1/roles")
LIST = Endpoint("http_roles", "GET", "v1/roles")
READ = Endpoint("http_role", "GET", "v1/roles/{role}")
CHANGE = Endpoint("http_role_change", "PATCH", "v1/roles/{role}")
DELETE = Endpoint("http_role_delete", "DELETE", "v1/roles/{role}")
