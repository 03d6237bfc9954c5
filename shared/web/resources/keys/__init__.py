"""API keys: make one, list them, rotate one, revoke one."""

from shared.web.endpoint import Endpoint

CREATE = Endpoint("http_key_create", "POST", "v1/keys")
LIST = Endpoint("http_keys", "GET", "v1/keys")
ROTATE = Endpoint("http_key_rotate", "POST", "v1/keys/{id}/rotate")
REVOKE = Endpoint("http_key_revoke", "DELETE", "v1/keys/{id}")
