"""The queues of the storage account: messages that began runs, and those that were given up."""

from collections.abc import Iterator
from datetime import timedelta

from shared.core.integration import Connection, Integration
from shared.core.text import Text
from shared.store.work.dead_letters import DeadLetters
from shared.store.work.standing import last_begun
from shared.usecases.deployment_view import DeploymentView

# Something is due every half an hour; a letter this young means that something is broken now.
_LATELY = timedelta(hours=1)


def _look(view: DeploymentView) -> Iterator[Connection]:
    letters, begun = DeadLetters(view.engine), last_begun(view.engine)
    newest = next(iter(letters.all(1)), None)
    heard = begun is not None and view.now - begun <= _LATELY
    broken = newest is not None and view.now - newest.received_at <= _LATELY
    yield Connection(
        state="degraded" if broken else "ok" if heard else "unknown",
        success_at=begun,
        error_at=None if newest is None else newest.received_at,
        error_code=None if newest is None else newest.cause,
        details={"deadLetters": letters.count()},
    )


INTEGRATION = Integration(title=Text("Storage queues", "ストレージ キュー"), look=_look)
