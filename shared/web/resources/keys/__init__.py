"""API keys: make one, list them, revoke one."""

from shared.web.endpoint import Endpoint

CREATE = Endpoint("http_key_create", "POST", "v1/keys")
LIST = Endpoint("http_keys", "GET", "v1/keys")
REVOKE = Endpoint("http_key_revoke", "DELETE", "v1/keys/{id}")
