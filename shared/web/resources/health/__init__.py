"""Is the app alive, and can it do its work?"""

from shared.web.endpoint import Endpoint

LIVE = Endpoint("http_health_live", "GET", "health/live")
READY = Endpoint("http_health_ready", "GET", "health/ready")
