"""Measures one request on its way through the front, and has it counted when it is answered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from shared.core import clock
from shared.core.sample import Seen
from shared.core.stopwatch import Stage, Stopwatch

if TYPE_CHECKING:
    from shared.web.doors import Doors
    from shared.web.http import Request, Response
    from shared.web.route import Route


class Measuring:
    """Sees one request through. What touches nothing, such as liveness, is not counted."""

    def __init__(self, route: "Route", request: "Request", request_id: str, doors: "Doors") -> None:
        self._route, self._request, self._doors = route, request, doors
        self._request_id = request_id
        self._watch = Stopwatch()
        self._code: str | None = None

    @contextmanager
    def step(self, stage: Stage | None) -> Iterator[None]:
        """Measure the block, which begins in `stage`."""
        with self._watch.running(stage):
            yield

    def enter(self, stage: Stage) -> None:
        """Say that `stage` begins, and the one before is over."""
        self._watch.enter(stage)

    def refused(self, code: str) -> None:
        """Say that it went wrong with an error. To tell of that is no part of the stage it happened in."""
        self._code = code
        self._watch.enter(None)

    def left(self, response: "Response") -> "Response":
        """Return the answer, counted."""
        share = self._route.share_of(self._request)
        if share is not None:
            seen = Seen(
                route=self._route.endpoint.function,
                exports=share == "export",
                request_id=self._request_id,
                at=clock.now(),
                status=response.status,
                code=self._code,
                spent=self._watch.read(),
            )
            self._doors.samples().add(seen)
        return response
