"""Functions that send and receive streams."""

import asyncio
from collections.abc import AsyncIterator

import azure.functions as func
import web_extension  # type: ignore[import-not-found]  # noqa: F401 - switches the whole app
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
go_on = asyncio.Event()


@app.route("slow", methods=["GET"])
async def slow(req: Request) -> StreamingResponse:
    """Send the second half when `release` was called."""

    async def halves() -> AsyncIterator[bytes]:
        yield b"first"
        await go_on.wait()
        yield b"second"

    return StreamingResponse(halves())


@app.route("release", methods=["GET"])
async def release(req: Request) -> Response:
    go_on.set()
    return Response("released")


@app.route("echo/{who}", methods=["POST"])
async def echo(req: Request, context: func.Context) -> Response:
    headers = {
        "x-who": req.path_params["who"],
        "x-id": context.invocation_id,
        "x-url": str(req.url),
    }
    return Response(await req.body(), 201, headers)


@app.route("broken", methods=["GET"])
async def broken(req: Request) -> Response:
    raise ValueError("as asked")
