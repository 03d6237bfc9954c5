"""Bad weather: the documented ways in which Graph misbehaves, all at once, each for a while."""

from typing import Any

# Fields as in `faults.Rule`. Each rule spends itself, so that a patient reader completes everything.
BAD_WEATHER: tuple[dict[str, Any], ...] = (
    {"kind": "throttle", "path": "/users/delta", "count": 1, "retry_after": 2},
    {"kind": "unavailable", "path": "/auditLogs/signIns", "count": 1, "retry_after": 1},
    {"kind": "throttle_silent", "path": "/identity/conditionalAccess", "count": 1},
    {"kind": "gateway_timeout", "path": "/subscribedSkus", "count": 1},
    {"kind": "server_error", "path": "/domains", "count": 1},
    {"kind": "expired_token", "path": "/organization", "count": 1},
    {"kind": "reset", "path": "/roleManagement", "count": 1},
    {"kind": "cut", "path": "/userRegistrationDetails", "count": 1},
    {"kind": "empty_page", "path": "/users", "count": 2},
    {"kind": "replay", "path": "/delta", "count": 2},
    {"kind": "slow", "path": "/directoryAudits", "count": 1, "seconds": 1.5},
    {"kind": "throttle", "path": r"/groups/[^/]+/members", "count": 3, "retry_after": 1},
)
