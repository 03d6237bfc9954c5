"""Timers that report to the queue named by the setting OUTPUT."""

import json
import os
from typing import Any

import azure.functions as func

app = func.FunctionApp()


def report(name: str, timer: func.TimerRequest, **more: Any) -> bytes:
    seen = {
        "name": name,
        "past_due": timer.past_due,
        "status": timer.schedule_status,  # type: ignore[attr-defined]  # only the real one has it
        "schedule": timer.schedule,  # type: ignore[attr-defined]
        "host": os.getppid(),
    }
    return json.dumps({**seen, **more}).encode()


@app.timer_trigger("timer", "%EVERY%")
@app.queue_output("out", "%OUTPUT%", "AzureWebJobsStorage")
def ticking(timer: func.TimerRequest, out: func.Out[bytes]) -> None:
    out.set(report("ticking", timer))


@app.timer_trigger("timer", "0 0 3 * * *", run_on_startup=True)
@app.queue_output("out", "%OUTPUT%", "AzureWebJobsStorage")
def starting(timer: func.TimerRequest, out: func.Out[bytes]) -> None:
    out.set(report("starting", timer))


@app.timer_trigger("timer", "0 0 4 1 1 *")
@app.retry("fixed_delay", "2", delay_interval="00:00:00")
@app.queue_output("out", "%OUTPUT%", "AzureWebJobsStorage")
def yearly(timer: func.TimerRequest, context: func.Context, out: func.Out[bytes]) -> None:
    """Fails until its last retry."""
    retry = context.retry_context
    if retry.retry_count < retry.max_retry_count:
        raise ValueError("try again")
    out.set(report("yearly", timer, attempt=retry.retry_count))


@app.timer_trigger("timer", "0 0 25 * * *")
def impossible(timer: func.TimerRequest) -> None:
    raise AssertionError("its schedule is refused")
