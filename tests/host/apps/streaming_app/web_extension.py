"""A web extension on Starlette, as azurefunctions-extensions-http-fastapi is one on FastAPI.

The project need not depend on FastAPI only to test that its host passes streams on.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import uvicorn
from azurefunctions.extensions import base  # type: ignore[import-untyped]
from starlette import requests, responses
from starlette.applications import Starlette
from starlette.routing import Route


class Synchronizer(base.RequestSynchronizer):  # type: ignore[misc]
    def sync_route_params(self, request: requests.Request, path_params: dict[str, Any]) -> None:
        request.scope["path_params"] = dict(path_params)


class Request(metaclass=base.RequestTrackerMeta):  # type: ignore[metaclass]
    request_type = requests.Request
    synchronizer = Synchronizer()


class Response(metaclass=base.ResponseTrackerMeta):  # type: ignore[metaclass]
    label = base.ResponseLabels.STANDARD
    response_type = responses.Response


class WebApp(base.WebApp):  # type: ignore[misc]
    def __init__(self) -> None:
        self.app = Starlette()

    def route(self, func: Callable[[requests.Request], Awaitable[responses.Response]]) -> None:
        self.app.router.routes.append(Route("/{rest:path}", func, methods=["GET", "POST"]))

    def get_app(self) -> Starlette:
        return self.app


class WebServer(base.WebServer):  # type: ignore[misc]
    async def serve(self) -> None:
        config = uvicorn.Config(self.web_app, self.hostname, self.port, log_config=None)
        await uvicorn.Server(config).serve()
