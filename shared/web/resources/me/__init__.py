"""Who asks: from which authority he comes, and what he may where."""

from shared.web.endpoint import Endpoint

READ = Endpoint("http_me", "GET", "v1/me")
