"""A client of Kanri's own HTTP API: what the command asks of a running host."""

import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime
from time import perf_counter
from typing import Any

from infra.cli.follow import RUNNING
from infra.cli.summary import DatasetResult, ReportResult
from infra.local.errors import StackError
from shared.core.coverage import STATES
from shared.core.text import Text

_TIMEOUT_SECONDS = 120.0


class ApiFailed(StackError):
    """The API said no: `status` is the HTTP status, `problem` the problem+json document."""

    def __init__(self, request: str, status: int, problem: dict[str, Any]) -> None:
        """`request` is method and path."""
        self.status = status
        self.problem = problem
        why = problem.get("detail") or problem.get("title") or ""
        super().__init__(
            Text(
                f"The API answered {request} with {status}.",
                f"API は {request} に {status} を返しました。",
            ),
            str(why),
        )


class KanriApi:
    """Calls `{url}/api/v1/...` with an API key."""

    def __init__(self, url: str, api_key: str) -> None:
        self._root = f"{url}/api/v1"
        self._api_key = api_key
        # A proxy of the environment is for the world outside, not for this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def add_tenant(self, tenant_id: str) -> None:
        """Connect a tenant; the onboarding checks its consent."""
        self._call("POST", "/tenants", {"tenantId": tenant_id})

    def tenants(self) -> list[str]:
        """Return the ids of the connected tenants."""
        return [item["tenantId"] for item in self._call("GET", "/tenants")["value"]]

    def start_collections(self, tenant_id: str) -> None:
        """Ask for a collection of every dataset now."""
        self._call("POST", f"/tenants/{_quoted(tenant_id)}/collections", {})

    def collections(self, tenant_id: str) -> list[DatasetResult]:
        """Return how the last run of each dataset stands."""
        answer = self._call("GET", f"/tenants/{_quoted(tenant_id)}/collections")
        return [_dataset_result(item) for item in answer["value"]]

    def report_keys(self, tenant_id: str) -> list[str]:
        """Return the keys of the reports."""
        answer = self._call("GET", f"/tenants/{_quoted(tenant_id)}/reports")
        return [item["key"] for item in answer["value"]]

    def fetch_report(self, tenant_id: str, key: str) -> ReportResult:
        """Fetch the first page of a report and measure it; a refusal is a result too."""
        began = perf_counter()
        status, rows = 200, None
        try:
            rows = self._call("GET", f"/tenants/{_quoted(tenant_id)}/reports/{key}")["rowCount"]
        except ApiFailed as error:
            status = error.status
        milliseconds = (perf_counter() - began) * 1000
        return ReportResult(report=key, rows=rows, milliseconds=milliseconds, status=status)

    def _call(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  our own host on http://127.0.0.1
            self._root + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "x-api-key": self._api_key,
                "Content-Type": "application/json",
            },
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            raise ApiFailed(f"{method} {path}", error.code, _problem(error.read())) from error
        except urllib.error.URLError as error:
            raise ApiFailed(f"{method} {path}", 503, {"detail": str(error.reason)}) from error


def _dataset_result(item: dict[str, Any]) -> DatasetResult:
    started, finished = item.get("startedAt"), item.get("finishedAt")
    seconds = None
    if started and finished:
        took = datetime.fromisoformat(finished) - datetime.fromisoformat(started)
        seconds = took.total_seconds()
    return DatasetResult(
        dataset=item["dataset"],
        state=item["state"] if item["state"] in STATES else RUNNING,
        rows=item.get("rows"),
        seconds=seconds,
        cause=item.get("cause"),
    )


def _problem(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"detail": body.decode(errors="replace")}


def _quoted(segment: str) -> str:
    return urllib.parse.quote(segment, safe="")
