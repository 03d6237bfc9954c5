"""Counts the requests of one worker and keeps the counts where all workers' add up.

A request adds to a few numbers in memory. Seconds later, on a thread of its own and in one statement, what
was counted becomes a row: a worker that answers nothing asks the database nothing, and one that is lost takes the
counts of its last seconds with it. A row that may have been kept is kept again under its own number,
so that it counts once.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from threading import Lock, Timer
from uuid import uuid4

from shared.core import clock
from shared.core.errors import StoreUnavailable
from shared.core.logs import log, log_failure
from shared.core.sample import Batch, Sample, Seen

# How many seconds of counts a lost worker loses: a row is written at most so often.
EVERY = 30.0

# Rows are merged by the hour (usecases.merge_samples). One that is kept again must come before.
KEPT_WITHIN = timedelta(minutes=10)


class Samples:
    """The counts of one worker: one a process, for all its threads."""

    def __init__(self, keep: Callable[[Batch], None], every: float | None = EVERY) -> None:
        """`keep` stores a batch, or raises StoreUnavailable. `every` None: only who flushes keeps."""
        self._keep, self._every = keep, every
        self._worker_id = uuid4()
        self._lock, self._flushing = Lock(), Lock()
        self._sample, self._began_at = Sample(), clock.now()
        self._unkept: Batch | None = None
        self._number = 0
        self._armed = False

    def add(self, seen: Seen) -> None:
        """Count one request; asks nobody."""
        with self._lock:
            if not self._sample.requests:
                self._began_at = seen.at
            self._sample.add(seen)
            self._arm()

    def flush(self) -> None:
        """Keep what was counted by now, or at least try: nothing is raised."""
        with self._flushing:
            with self._lock:
                self._armed = False
                if self._unkept is None and self._sample.requests:
                    self._unkept = self._taken()
            if self._unkept is not None and self._tried(self._unkept):
                self._unkept = None
            with self._lock:
                if self._unkept is not None or self._sample.requests:
                    self._arm()

    def _arm(self) -> None:
        if self._armed or self._every is None:
            return
        self._armed = True
        timer = Timer(self._every, self.flush)
        timer.daemon = True
        timer.start()

    def _taken(self) -> Batch:
        self._number += 1
        batch = Batch(self._worker_id, self._number, self._began_at, clock.now(), self._sample)
        self._sample = Sample()
        return batch

    def _tried(self, batch: Batch) -> bool:
        """Tell whether nothing is left to be done for `batch`: it is kept, or it is too late."""
        try:
            self._keep(batch)
        except StoreUnavailable as error:
            if clock.now() - batch.ended_at < KEPT_WITHIN:
                log("samples_unkept", level=logging.WARNING, code=error.code)
                return False
        except Exception as error:  # noqa: BLE001 - nobody waits for this thread: logged, and counted
            log_failure("samples_lost", error)
        else:
            return True
        with self._lock:
            self._sample.lost += batch.sample.requests
        return True
