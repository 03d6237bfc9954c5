"""One message of the queue `collect`: start, or go on with, one run of any kind of work."""

from datetime import UTC

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.queue_trigger(arg_name="message", queue_name="collect", connection="AzureWebJobsStorage")
@blueprint.queue_output(
    arg_name="following", queue_name="collect", connection="AzureWebJobsStorage"
)
async def queue_collect(message: func.QueueMessage, following: func.Out[str]) -> None:
    """What follows (a run's next part, work that waited for it) is sent if this part succeeded."""
    from shared import wiring
    from shared.core import clock
    from shared.usecases.dispatch import bodies
    from shared.usecases.receive import QUEUE_AGE, receive

    wiring.logs()
    if message.insertion_time is not None:  # UTC, with or without saying so
        age = clock.now() - message.insertion_time.replace(tzinfo=UTC)
        QUEUE_AGE.emit(age.total_seconds(), queue="collect")
    sent = await receive(message.get_body(), message.id, wiring.work_doors(), "collect")
    if own := bodies(sent, "collect"):
        following.set(own)
