"""Every minute: claim what is due and put one message per run on the collect queue."""

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.timer_trigger(arg_name="timer", schedule="0 * * * * *", run_on_startup=False)
@blueprint.queue_output(arg_name="messages", queue_name="collect", connection="AzureWebJobsStorage")
def timer_collect(timer: func.TimerRequest, messages: func.Out[str], context: func.Context) -> None:
    """A timer decides, messages work: a late or doubled tick claims nothing twice."""
    from shared import wiring
    from shared.core import clock
    from shared.core.logs import log
    from shared.usecases.schedule import schedule
    from shared.usecases.watch_schedule import watch_schedule

    wiring.logs()
    log("timer_fired", past_due=timer.past_due)
    watch_schedule(wiring.lateness(), clock.now())
    due = schedule(wiring.runs(), clock.now(), context.trace_context.trace_parent)
    if due:
        # The host sends one message for each element of a JSON array.
        messages.set(f"[{','.join(message.model_dump_json() for message in due)}]")
