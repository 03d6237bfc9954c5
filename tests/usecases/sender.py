"""A worker that is killed between a decision and its sending: it ends a run, or a part, and dies."""

import os
import signal
import sys

from shared.core.clock import now
from shared.core.messages import parse_claim
from shared.core.registry import of
from shared.core.settings import settings
from shared.core.work import WORKS
from shared.store.session.engine import open_engine
from shared.store.work.run_records import Run
from shared.store.work.runs import Runs


def main(how: str, message: str) -> None:
    """Open the run of `message`, end it (`finish`) or its part (`hand_over`), die before sending."""
    runs = Runs(open_engine(settings()))
    run = runs.open(parse_claim(message), now())
    assert isinstance(run, Run), run
    if how == "finish":
        decided = runs.finish(run, "ok", now=now(), then=of(WORKS).values())
    else:
        decided = [runs.hand_over(run, now(), {"page": 7})]
    print([claim.subject for claim in decided], flush=True)  # noqa: T201
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(*sys.argv[1:])
