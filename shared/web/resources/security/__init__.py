"""Security: events out of the audit log, and the posture of Kanri itself, check by check."""

from shared.web.endpoint import Endpoint

EVENTS = Endpoint("http_security_events", "GET", "v1/security/events")
POSTURE = Endpoint("http_security_posture", "GET", "v1/security/posture")
