"""What is known of one object of a dataset: what it was when, and what changed."""

from shared.web.endpoint import Endpoint

_OF = "v1/tenants/{tenant}/objects/{dataset}/{object}"
HISTORY = Endpoint("http_object_history", "GET", f"{_OF}/history")
