"""What the host gave up on after five deliveries: a dead letter, its run ended by `usecases.receive.bury`."""

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.queue_trigger(
    arg_name="message", queue_name="collect-poison", connection="AzureWebJobsStorage"
)
async def queue_collect_poison(message: func.QueueMessage) -> None:
    """Nothing is lost silently: GET /api/v1/dead-letters shows it."""
    from shared import wiring
    from shared.usecases.receive import bury

    wiring.logs()
    await bury(message.get_body(), message.id, wiring.work_doors(), "collect")
