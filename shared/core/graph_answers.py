"""How Microsoft Graph answered for a throttling service: how long it took, and how often it could not."""

from shared.core.latency import Histogram


class Answers:
    """`times` of those that were answered, refusals too; `failed` had a 5xx or none."""

    __slots__ = ("failed", "times")

    def __init__(self) -> None:
        self.times = Histogram()
        self.failed = 0
