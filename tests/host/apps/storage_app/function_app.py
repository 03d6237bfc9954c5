"""Blob, table and warm-up functions on the container and the table that the settings name."""

import json
import logging

import azure.functions as func
from azure.functions.warmup import WarmUpContext

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
log = logging.getLogger("storage_app")
STORAGE = "AzureWebJobsStorage"


@app.blob_trigger("blob", "%BOX%/in/{name}.{kind}", STORAGE)
@app.blob_output("seen", "%BOX%/out/{name}", STORAGE)
def look(blob: func.InputStream, seen: func.Out[str]) -> None:
    """Report a blob; one that says so fails."""
    content = blob.read().decode()
    log.info(json.dumps({"blob": blob.name, "content": content}))
    if content == "bad":
        raise ValueError("as asked")
    report = {"name": blob.name, "uri": blob.uri, "length": blob.length, "content": content}
    metadata = blob.metadata  # type: ignore[attr-defined]  # only the real stream has it
    seen.set(json.dumps({**report, "metadata": metadata}))


@app.route("blobs/{name}", methods=["PUT"])
@app.blob_output("blob", "%BOX%/in/{name}.txt", STORAGE)
def put(req: func.HttpRequest, blob: func.Out[bytes]) -> str:
    blob.set(req.get_body())
    return "OK"


@app.route("blobs/{name}", methods=["GET"])
@app.blob_input("blob", "%BOX%/out/{name}", STORAGE)
def get(req: func.HttpRequest, blob: func.InputStream) -> func.HttpResponse:
    return func.HttpResponse(blob.read() if blob else b"", status_code=200 if blob else 404)


@app.route("texts/{name}")
@app.blob_input("text", "%BOX%/{name}", STORAGE, data_type=func.DataType.STRING)
def text(req: func.HttpRequest, text: func.InputStream) -> func.HttpResponse:
    return func.HttpResponse(text.read())


@app.route("rows/{partition}", methods=["POST"])
@app.table_output("rows", STORAGE, "%ROWS%", partition_key="{partition}")
def add(req: func.HttpRequest, rows: func.Out[str]) -> func.HttpResponse:
    rows.set(req.get_body().decode())
    return func.HttpResponse("OK")


@app.route("rows/{partition}", methods=["GET"])
@app.table_input("rows", STORAGE, "%ROWS%", partition_key="{partition}", row_key="ignored")
def partition(req: func.HttpRequest, rows: str) -> func.HttpResponse:
    return func.HttpResponse(rows, mimetype="application/json")


@app.route("big")
@app.table_input("rows", STORAGE, "%ROWS%", filter="Size gt 1", take=1)
def filtered(req: func.HttpRequest, rows: str) -> func.HttpResponse:
    return func.HttpResponse(rows, mimetype="application/json")


@app.warm_up_trigger("warm")
@app.blob_output("mark", "%BOX%/warm", STORAGE)
def warm_up(warm: WarmUpContext, mark: func.Out[str]) -> None:
    mark.set("warm")
