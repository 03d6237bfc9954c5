"""A client of Kanri's own HTTP API: what the command asks of a running host."""

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from datetime import datetime
from email.message import Message
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

    def connect_tenant(self, tenant_id: str) -> list[str]:
        """Connect a tenant; return the permissions that it has not consented to."""
        answer = self._call("POST", "/tenants", {"tenantId": tenant_id})
        return list(answer["consent"]["missing"])

    def tenants(self) -> list[str]:
        """Return the ids of the connected tenants."""
        answer = self._call("GET", "/tenants")
        return [item["tenantId"] for item in answer["tenants"] if item["state"] != "removed"]

    def switch_on(self, tenant_id: str) -> None:
        """Have the datasets that cost many requests read, too."""
        path = f"/tenants/{_quoted(tenant_id)}/settings"
        settings, tag = self._ask("GET", path)
        names = [item["dataset"] for item in settings["datasets"]]
        self._ask("PATCH", path, {"datasets": dict.fromkeys(names, True)}, if_match=tag)

    def start_collections(self, tenant_id: str, datasets: Iterable[str] = ()) -> None:
        """Ask for a collection now, of every dataset if none is named; those being collected go on."""
        body = {"datasets": sorted(datasets)} if datasets else {}
        self._call("POST", f"/tenants/{_quoted(tenant_id)}/collections", body)

    def collections(self, tenant_id: str) -> list[DatasetResult]:
        """Return where each dataset stands; `seconds` is not known here."""
        answer = self._call("GET", f"/tenants/{_quoted(tenant_id)}/collections")
        return [_standing(item) for item in answer["datasets"]]

    def last_runs(self, tenant_id: str) -> dict[str, DatasetResult]:
        """Return the newest finished run of each dataset, by dataset."""
        answer = self._call("GET", f"/tenants/{_quoted(tenant_id)}/ledger?top=200")
        # Newest first: of each dataset the last one to be put in stays.
        return {item["dataset"]: _finished(item) for item in reversed(answer["runs"])}

    def report_keys(self, tenant_id: str) -> list[str]:
        """Return the keys of the reports."""
        answer = self._call("GET", f"/tenants/{_quoted(tenant_id)}/reports")
        return [item["report"] for item in answer["reports"]]

    def fetch_report(self, tenant_id: str, key: str) -> ReportResult:
        """Fetch the first page (1,000 rows at most) and measure it; a refusal is a result too."""
        began = perf_counter()
        status, rows = 200, None
        try:
            path = f"/tenants/{_quoted(tenant_id)}/reports/{key}?top=1000"
            rows = self._call("GET", path)["rowCount"]
        except ApiFailed as error:
            status = error.status
        milliseconds = round((perf_counter() - began) * 1000, 1)
        return ReportResult(report=key, rows=rows, milliseconds=milliseconds, status=status)

    def report_file(self, tenant_id: str, key: str, **asked: str) -> tuple[bytes, Message]:
        """Return a report as it is asked for, as it comes, and the headers that came with it."""
        query = urllib.parse.urlencode(asked)
        return self._raw("GET", f"/tenants/{_quoted(tenant_id)}/reports/{key}?{query}")

    def audit_verification(self, tenant_id: str | None) -> dict[str, Any]:
        """Return what a verification of a tenant's audit log found, of the deployment's for None."""
        where = "" if tenant_id is None else f"/tenants/{_quoted(tenant_id)}"
        found: dict[str, Any] = self._call("GET", f"{where}/audit/verification")
        return found

    def import_file(
        self, tenant_id: str, name: str, body: bytes, zone: str, digest: str | None
    ) -> dict[str, Any]:
        """Return the verdict on a file of the PowerShell tool; with the `digest` of one it is imported."""
        asked = {"name": name[-500:], "timeZone": zone} | ({"digest": digest} if digest else {})
        path = f"/tenants/{_quoted(tenant_id)}/imports?{urllib.parse.urlencode(asked)}"
        verdict: dict[str, Any] = self._ask("POST", path, body)[0]
        return verdict

    def _call(self, method: str, path: str, body: object = None) -> Any:
        return self._ask(method, path, body)[0]

    def _ask(
        self, method: str, path: str, body: object = None, if_match: str | None = None
    ) -> tuple[Any, str | None]:
        """Return the answer and its ETag."""
        answer, headers = self._raw(method, path, body, if_match)
        return json.loads(answer or b"null"), headers.get("ETag")

    def _raw(
        self, method: str, path: str, body: object = None, if_match: str | None = None
    ) -> tuple[bytes, Message]:
        seen = {} if if_match is None else {"If-Match": if_match}
        request = urllib.request.Request(  # noqa: S310  our own host on http://127.0.0.1
            self._root + path,
            method=method,
            data=body if isinstance(body, bytes | None) else json.dumps(body).encode(),
            headers={
                "x-api-key": self._api_key,
                "Content-Type": "application/octet-stream"
                if isinstance(body, bytes)
                else "application/json",
                **seen,
            },
        )
        try:
            with self._opener.open(request, timeout=_TIMEOUT_SECONDS) as response:
                return response.read(), response.headers
        except urllib.error.HTTPError as error:
            raise ApiFailed(f"{method} {path}", error.code, _problem(error.read())) from error
        except urllib.error.URLError as error:
            raise ApiFailed(f"{method} {path}", 503, {"detail": str(error.reason)}) from error


def _standing(item: dict[str, Any]) -> DatasetResult:
    # A run that waits for Graph has progress too: it goes on by itself.
    under_way = item["running"] or item["pending"] or item.get("progress") is not None
    ended = item["state"] in STATES and not under_way
    progress = item.get("progress") or {}
    return DatasetResult(
        dataset=item["dataset"],
        state=item["state"] if ended else RUNNING,
        rows=item.get("rows") if ended else progress.get("read"),
        cause=item.get("cause"),
    )


def _finished(item: dict[str, Any]) -> DatasetResult:
    started = datetime.fromisoformat(item["startedAt"])
    took = datetime.fromisoformat(item["finishedAt"]) - started
    return DatasetResult(
        dataset=item["dataset"],
        state=item["state"],
        rows=item["rows"],
        seconds=round(took.total_seconds(), 2),
        cause=item["cause"],
    )


def _problem(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    return document if isinstance(document, dict) else {"detail": body.decode(errors="replace")}


def _quoted(segment: str) -> str:
    return urllib.parse.quote(segment, safe="")
