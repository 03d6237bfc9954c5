"""Owners: how a deployment that has none gets its first one."""

from shared.web.endpoint import Endpoint

CLAIM = Endpoint("http_owner_claim", "POST", "v1/owners")
