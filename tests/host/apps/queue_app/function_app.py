"""Queue functions that report what they saw to the queue named by the setting OUTPUT."""

import json
import logging
import os
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
log = logging.getLogger("queue_app")


@app.queue_trigger("msg", "%INPUT%", "AzureWebJobsStorage")
@app.queue_output("out", "%OUTPUT%", "AzureWebJobsStorage")
def record(msg: func.QueueMessage, out: func.Out[bytes]) -> None:
    """Report a message; its text may ask for a failure first."""
    body = msg.get_body().decode()
    log.info(json.dumps({"pid": os.getpid(), "body": body, "attempt": msg.dequeue_count}))
    inserted = msg.insertion_time.isoformat() if msg.insertion_time else None
    seen = {"body": body, "attempt": msg.dequeue_count, "id": msg.id, "inserted": inserted}
    out.set(json.dumps(seen).encode())
    if body == "fail" or (body == "fail once" and msg.dequeue_count == 1):
        raise ValueError("as asked")
    if body == "hang once" and msg.dequeue_count == 1:
        time.sleep(60)


@app.queue_trigger("msg", "%SPREAD%", "AzureWebJobsStorage")
@app.queue_output("out", "%OUTPUT%", "AzureWebJobsStorage")
def spread(msg: func.QueueMessage, out: func.Out[str]) -> None:
    """Send the body on as str, which the platform takes apart if it looks like JSON."""
    body = msg.get_body().decode()
    log.info(json.dumps({"pid": os.getpid(), "body": body}))
    out.set(body)


@app.route("spread", methods=["POST"])
@app.queue_output("out", "%SPREAD%", "AzureWebJobsStorage")
def begin(req: func.HttpRequest, out: func.Out[bytes]) -> func.HttpResponse:
    out.set(req.get_body())
    return func.HttpResponse(str(os.getpid()))
