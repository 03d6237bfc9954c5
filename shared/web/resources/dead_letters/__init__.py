"""Queue messages that were given up on, with their cause."""

from shared.web.endpoint import Endpoint

LIST = Endpoint("http_dead_letters", "GET", "v1/dead-letters")
