"""Every minute: claim whatever work is due and put one message per run on its queue."""

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.timer_trigger(arg_name="timer", schedule="0 * * * * *", run_on_startup=False)
@blueprint.queue_output(arg_name="collect", queue_name="collect", connection="AzureWebJobsStorage")
def timer_dispatch(timer: func.TimerRequest, collect: func.Out[str], context: func.Context) -> None:
    """A timer decides, messages work: a late or doubled tick claims nothing twice."""
    from shared import wiring
    from shared.core import clock
    from shared.core.logs import log
    from shared.usecases.dispatch import bodies, dispatch
    from shared.usecases.watch_schedule import watch_schedule

    wiring.logs()
    log("timer_fired", past_due=timer.past_due)
    doors = wiring.work_doors()
    watch_schedule(doors.engine, clock.now())
    due = dispatch(doors.runs, clock.now(), context.trace_context.trace_parent)
    if own := bodies(due, "collect"):
        collect.set(own)
