"""How Microsoft Graph answered since somebody last looked: how long it took, how often it could not."""

from collections.abc import Mapping

from shared.core.graph_answers import Answers

# What Graph throws back before a service has looked at it, or Entra refuses, tells nothing of the service.
_TELLS_NOTHING = frozenset({"429", "token"})
_FAILED = frozenset({"5xx", "network"})


class Tally:
    """The answers by throttling service, of one tenant; an event loop adds, whoever keeps them takes."""

    def __init__(self) -> None:
        self._answers: dict[str, Answers] = {}

    def add(self, bucket: str, status: str, ms: float) -> None:
        """Count one request. `bucket` is `service` or `service/part`, `status` as GRAPH_REQUESTS has it."""
        if status in _TELLS_NOTHING:
            return
        answers = self._answers.setdefault(bucket.partition("/")[0], Answers())
        if status in _FAILED:
            answers.failed += 1
        else:
            answers.times.add(ms, None)

    def take(self) -> Mapping[str, Answers]:
        """Return what was counted and begin anew."""
        taken, self._answers = self._answers, {}
        return taken
