"""The measured processes of `start`: Microsoft's library worker indexes an app and serves one call.

Only the standard library, the worker and the record classes that it is handed are imported here:
whatever else shows up in `sys.modules` is the app's doing.
"""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

from infra.local.host.worker import messages
from tests.perf.measure import Figures, peak_rss_mb

type Job = Mapping[str, Any]

# Third parties that must not be loaded before a function needs them.
HEAVY = (
    "alembic",
    "azure.identity",
    "azure.storage",
    "azure.data",
    "azure.monitor",
    "cryptography",
    "httpx",
    "jwt",
    "msgraph",
    "psycopg",
    "pydantic",
    "sqlalchemy",
)

# What the first report with an API key may not need either.
HEAVY_FOR_A_REPORT = ("azure.identity", "cryptography", "jwt", "msgraph", "pydantic")


def index(job: Job) -> Figures:
    """Index the app in folder `job["app"]`; with `job["call"]` also answer one HTTP call."""
    return asyncio.run(_index(job))


async def _index(job: Job) -> Figures:
    _order_path(job["app"])
    import azure_functions_runtime as runtime

    worker = _Worker(runtime, job["app"])
    await worker.index()
    found = _figures()
    loaded = _loaded(HEAVY)
    assert loaded == [], f"loaded at indexing: {loaded}"
    if "call" in job:
        await worker.call(**job["call"])
        found = _figures()
        loaded = _loaded(HEAVY_FOR_A_REPORT)
        assert loaded == [], f"loaded by the first report: {loaded}"
    return found


class _Worker:
    """Calls the library worker in the order in which the platform does."""

    def __init__(self, runtime: Any, app: str) -> None:
        self._runtime, self._app = runtime, app
        self._properties = {"protos": messages.namespace(), "host": "127.0.0.1"}
        self._functions: dict[str, Any] = {}

    async def index(self) -> None:
        """Import the app and load every function; AssertionError if that fails."""
        self._runtime.start_threadpool_executor()
        start = {"capabilities": {}, "function_app_directory": self._app, "host_version": "4.0.0"}
        initial = await self._ask("worker_init_request", start)
        assert initial.result.status == messages.StatusResult.Success, initial.result.exception
        found = await self._ask("functions_metadata_request", {"function_app_directory": self._app})
        assert found.function_metadata_results, found.result.exception.message
        for function in found.function_metadata_results:
            self._functions[function.name] = function
            load = {"function_id": function.function_id, "metadata": function}
            await self._ask("function_load_request", load)

    async def call(
        self,
        function: str,
        url: str,
        headers: Mapping[str, str] = MappingProxyType({}),
        parameters: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Invoke an HTTP function with GET; AssertionError if the answer is not 200."""
        http = messages.RpcHttp(
            method="GET", url=url, headers=dict(headers), query=_query(url), params=dict(parameters)
        )
        metadata = self._functions[function]
        trigger = next(
            name
            for name, binding in metadata.bindings.items()
            if binding.type.lower() == "httptrigger"
        )
        answer = await self._ask(
            "invocation_request",
            {
                "invocation_id": "1",
                "function_id": metadata.function_id,
                "input_data": [
                    messages.ParameterBinding(name=trigger, data=messages.TypedData(http=http))
                ],
                "trigger_metadata": {},
                "trace_context": SimpleNamespace(trace_parent="", trace_state="", attributes={}),
                "retry_context": SimpleNamespace(retry_count=0, max_retry_count=0, exception=None),
            },
        )
        assert answer.result.status == messages.StatusResult.Success, answer.result.exception
        returned = answer.return_value.http
        assert returned.status_code == "200", (returned.status_code, returned.body.bytes)

    async def _ask(self, name: str, content: Mapping[str, object]) -> Any:
        request = SimpleNamespace(
            name=name,
            request=SimpleNamespace(**{name: SimpleNamespace(**content)}),
            properties=self._properties,
        )
        return await getattr(self._runtime, name)(request)


def _figures() -> Figures:
    return {
        "cpu_ms": time.process_time() * 1000,
        "modules": len(sys.modules),
        "rss_mb": peak_rss_mb(),
    }


def _loaded(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name in sys.modules]


def _query(url: str) -> dict[str, str]:
    from urllib.parse import parse_qsl, urlsplit

    return dict(parse_qsl(urlsplit(url).query))


def _order_path(app: str) -> None:
    """Take this repository off the path, put the app last, as the platform orders it."""
    root = os.getcwd()  # noqa: PTH109  pathlib is not needed for more
    sys.path[:] = [entry for entry in sys.path if entry not in ("", root)]
    sys.path.append(app)
    os.chdir(app)
