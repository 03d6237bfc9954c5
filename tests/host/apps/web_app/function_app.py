"""HTTP functions that show the platform's habits, the awkward ones first of all."""

import json
import logging
import os
import sys
import threading
import time

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("things/{id}", methods=["GET"])
def a_thing(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(f"thing {req.route_params['id']}")


@app.route("things/latest", methods=["GET"])
def latest(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("latest")


@app.route("things/{id}", methods=["POST"])
def make_thing(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("made", status_code=201)


@app.route("THINGS/{id}/", methods=["GET", "PUT"])
def zz_conflicting(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.route("administrators")
def reserved(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.route("/slash")
def slashed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("never")


@app.route("numbers/{n:int:range(1,9)}")
def number(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(req.route_params["n"])


@app.route("echo/{*rest}")
def echo(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    seen = {
        "method": req.method,
        "url": req.url,
        "headers": dict(req.headers),
        "query": dict(req.params),
        "route": dict(req.route_params),
        "body": req.get_body().decode(),
        "trace": context.trace_context.trace_parent,
        "pid": os.getpid(),
        "environment": sorted(os.environ),
    }
    return func.HttpResponse(json.dumps(seen), mimetype="application/json")


@app.route("setting/{name}")
def setting(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(os.environ.get(req.route_params["name"], ""))


@app.route("say", methods=["POST"])
def say(req: func.HttpRequest) -> str:
    return req.get_body().decode()


@app.route("nothing")
def nothing(req: func.HttpRequest) -> func.HttpResponse:
    return None  # type: ignore[return-value]  # what a careless function does


@app.route("unset", binding_arg_name="answer")
def unset(req: func.HttpRequest, answer: func.Out[func.HttpResponse]) -> None:
    return None


@app.route("cookie")
def cookie(req: func.HttpRequest) -> func.HttpResponse:
    response = func.HttpResponse("sweet")
    value = f"seen=a/b; Expires={req.params['expires']}; Secure; HttpOnly; SameSite=Lax"
    response.headers.add("Set-Cookie", value)
    return response


@app.route("boom")
def boom(req: func.HttpRequest) -> func.HttpResponse:
    raise RuntimeError("a secret reason")


@app.route("head", methods=["GET", "HEAD"])
def head(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("five!")


@app.route("keyed", auth_level=func.AuthLevel.FUNCTION)
def keyed(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("open")


@app.route("masters", auth_level=func.AuthLevel.ADMIN)
def masters(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("open")


@app.route("off")
def off(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("ran although disabled")


@app.route("slow")
def slow(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(0.5)
    return func.HttpResponse(str(threading.get_ident()))


@app.route("die")
def die(req: func.HttpRequest) -> func.HttpResponse:
    os._exit(9)


@app.route("hang")
def hang(req: func.HttpRequest) -> func.HttpResponse:
    time.sleep(60)
    return func.HttpResponse("never")


@app.route("outputs")
@app.queue_output("message", "%OUTPUT%", "AzureWebJobsStorage")
@app.blob_output("blob", "made/{name}.txt", "AzureWebJobsStorage")
def outputs(
    req: func.HttpRequest, message: func.Out[str], blob: func.Out[str]
) -> func.HttpResponse:
    message.set(req.params["text"])
    blob.set(req.params["text"])
    return func.HttpResponse("done")


@app.route("inputs/{name}")
@app.blob_input("blob", "made/{name}.txt", "AzureWebJobsStorage")
def inputs(req: func.HttpRequest, blob: func.InputStream) -> func.HttpResponse:
    return func.HttpResponse("none" if blob is None else blob.read())


@app.generic_trigger(arg_name="req", type="httpTrigger", route="silent", authLevel="anonymous")
def silent(req: func.HttpRequest) -> None:
    """Has no output at all."""


@app.route("talk")
def talk(req: func.HttpRequest) -> str:
    logging.getLogger("web_app").error("one line\nand another")
    print("printed")  # noqa: T201
    print("LanguageWorkerConsoleLog of the worker", file=sys.stderr)  # noqa: T201
    return "OK"
