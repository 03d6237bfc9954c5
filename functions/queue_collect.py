"""One message: run (or go on with) one collector for one tenant."""

from datetime import UTC

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.queue_trigger(arg_name="message", queue_name="collect", connection="AzureWebJobsStorage")
@blueprint.queue_output(
    arg_name="following", queue_name="collect", connection="AzureWebJobsStorage"
)
async def queue_collect(message: func.QueueMessage, following: func.Out[str]) -> None:
    """A long collection goes on by a following message, sent only if this part succeeded."""
    from shared import wiring
    from shared.core import clock
    from shared.core.telemetry import QUEUE_AGE
    from shared.usecases.receive_collect import receive_collect

    wiring.logs()
    if message.insertion_time is not None:  # UTC, with or without saying so
        age = clock.now() - message.insertion_time.replace(tzinfo=UTC)
        QUEUE_AGE.emit(age.total_seconds(), queue="collect")
    more = await receive_collect(message.get_body(), message.id, wiring.letterbox())
    if more is not None:
        following.set(more.model_dump_json())
