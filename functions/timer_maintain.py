"""Every night: make the partitions of the months ahead."""

import azure.functions as func

blueprint = func.Blueprint()


@blueprint.timer_trigger(arg_name="timer", schedule="0 30 3 * * *", run_on_startup=False)
def timer_maintain(timer: func.TimerRequest) -> None:
    """Idempotent: a missed night is caught up by the next, and loading makes what it needs."""
    from shared import wiring
    from shared.core import clock
    from shared.core.logs import log
    from shared.usecases.maintain import maintain

    wiring.logs()
    log("timer_fired", past_due=timer.past_due)
    maintain(wiring.partitions(), clock.now())
