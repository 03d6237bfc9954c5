"""What is stored or at hand of how the service fares: read once, by whoever is the first to look."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from shared.core.registry import collector, datasets
from shared.core.sample import Sample
from shared.store.registers.health import Health
from shared.store.registers.rate_windows import RateWindows
from shared.store.registers.request_samples import RequestSamples
from shared.store.registers.secrets import Secrets
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.figures import WorkFigures
from shared.store.work.lateness import Lateness
from shared.usecases.read_samples import Sampled, added_up
from shared.usecases.watch_schedule import GRACE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from shared.core.sealing import Keyring
    from shared.store.registers.request_samples import KeptSample
    from shared.store.work.dead_letters import LettersOfACause
    from shared.store.work.figures import Outcomes, OwnWork, Under
    from shared.store.work.lateness import Overdue

# What is watched is looked at over so long, and back to the beginning of so many of them.
WINDOW = timedelta(minutes=15)
_WINDOWS = 8
# Some work of the deployment is due every quarter of an hour: nothing claimed for twice that is silence.
SILENCE = timedelta(minutes=30)


class Evidence:
    """As it is `now`. Whatever asks the database raises StoreUnavailable if that does not answer."""

    def __init__(self, engine: "Engine", keyring: "Keyring", now: datetime) -> None:
        self.engine, self.keyring, self.now = engine, keyring, now
        self.figures = WorkFigures(engine)

    @cached_property
    def database(self) -> dict[str, object]:
        """What the database says of itself; raises nothing."""
        return Health(self.engine).check()

    @cached_property
    def own_work(self) -> "Sequence[OwnWork]":
        """The deployment's own work."""
        return self.figures.of_the_deployment()

    def own(self, kind: str) -> "OwnWork | None":
        """Return the deployment's own work of a kind; None if it was never due."""
        return next((one for one in self.own_work if one.kind == kind), None)

    @cached_property
    def heartbeat(self) -> datetime | None:
        """When the schedule last claimed any of the deployment's own work, which is due all the time."""
        return max((one.claimed_at for one in self.own_work if one.claimed_at), default=None)

    @cached_property
    def collecting(self) -> "Sequence[Outcomes]":
        """How the last runs of all datasets ended."""
        return self.figures.collecting()

    @cached_property
    def under_way(self) -> "Sequence[Under]":
        """What is on its way, running or put off."""
        return self.figures.under_way(self.now)

    @cached_property
    def overdue(self) -> "Sequence[Overdue]":
        """Datasets that are late, the latest first."""
        every = {dataset: collector(dataset).every for dataset in datasets()}
        return Lateness(self.engine).overdue(self.now, every, GRACE)

    @cached_property
    def dead_letters(self) -> DeadLetters:
        """The messages given up."""
        return DeadLetters(self.engine)

    def letters(self) -> "Sequence[LettersOfACause]":
        """Return the messages given up in the last window."""
        return self.dead_letters.received(self.now - WINDOW)

    @cached_property
    def blocked(self) -> RateWindows:
        """Who is shut out."""
        return RateWindows(self.engine)

    @cached_property
    def secrets(self) -> Secrets:
        """The shared secrets, read and opened anew."""
        return Secrets(self.engine, self.keyring)

    @cached_property
    def _kept(self) -> "Sequence[KeptSample]":
        return RequestSamples(self.engine).between(self.now - _WINDOWS * WINDOW, self.now)

    def sampled(self, back: int = 0) -> Sampled:
        """Return what was counted in the last window, or `back` of them before."""
        until = self.now - back * WINDOW
        since = until - WINDOW
        return added_up([one for one in self._kept if since < one.ended_at <= until], since, until)

    def since(self, fires: Callable[[Sample], bool]) -> datetime:
        """Return since when it has been so without a break, by windows, as far as they are looked at.

        It fires in the last one.
        """
        first = self.sampled()
        for back in range(1, _WINDOWS):
            earlier = self.sampled(back)
            if not fires(earlier.sample):
                break
            first = earlier
        return first.since or first.asked_since
