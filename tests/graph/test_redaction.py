"""No query of a URL reaches telemetry: not from the SDK, an instrumented client, or an exception."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from copy import replace

import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib import URLLibInstrumentor
from opentelemetry.trace import Status, StatusCode

from infra.local.sandbox.client import SandboxAdmin
from shared.core.errors import KanriError
from shared.core.redaction import HIDDEN, without_queries
from shared.core.registry import collector
from shared.graph.client import GraphClient
from shared.graph.paging import read_page
from shared.graph.requests import first_url
from shared.graph.uploading import begin_upload, send_pieces
from shared.graph.usage_reports import read_usage
from tests.fixtures.tracing import Tracing
from tests.graph.test_client import Open, use

pytestmark = pytest.mark.stack

SECRETS = ("token=", "sig=", "skiptoken", "deltatoken", "s3cret")


@pytest.fixture(autouse=True)
def exported(tracing: Tracing) -> Iterator[Callable[[], str]]:
    """All that was exported since the last look, as text; every HTTP client is instrumented."""
    instrumentors = (HTTPXClientInstrumentor(), RequestsInstrumentor(), URLLibInstrumentor())
    for one in instrumentors:
        one.instrument(tracer_provider=tracing.provider)

    def told() -> str:
        spans = tracing.exporter.get_finished_spans()
        assert spans
        tracing.exporter.clear()
        return "\n".join(f"{s.name} {s.to_json()} {s.status.description}" for s in spans)

    yield told
    for one in instrumentors:
        one.uninstrument()


def error_of(open_graph: Open, work: Callable[[GraphClient], Awaitable[None]]) -> str:
    """What the error says that `work` ends with; nothing if it does not."""
    try:
        use(open_graph, work)
    except KanriError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("broken", [False, True])
def test_a_download_leaves_no_address(
    open_graph: Callable[[], GraphClient],
    sandbox_admin: SandboxAdmin,
    caplog: pytest.LogCaptureFixture,
    exported: Callable[[], str],
    *,
    broken: bool,
) -> None:
    if broken:
        sandbox_admin.faults({"kind": "broken_redirect", "path": "MailboxUsage"})
    caplog.set_level(logging.DEBUG, logger="kanri")

    async def download(client: GraphClient) -> None:
        await read_usage(client, collector("mailbox_usage"))

    said, told = error_of(open_graph, download), exported()
    assert "getMailboxUsageDetail" in told or "GET" in told, "Graph itself is seen"
    for secret in (*SECRETS, "reportsdownload"):
        assert secret not in told + caplog.text + said
    assert bool(said) is broken


@pytest.mark.usefixtures("may_write")
@pytest.mark.parametrize("broken", [False, True])
def test_an_upload_leaves_no_address(
    open_graph: Callable[[], GraphClient],
    sandbox_admin: SandboxAdmin,
    caplog: pytest.LogCaptureFixture,
    exported: Callable[[], str],
    *,
    broken: bool,
) -> None:
    if broken:
        sandbox_admin.faults({"kind": "missing_permission", "path": "transfer"})
    caplog.set_level(logging.DEBUG, logger="kanri")

    async def source(_start: int, length: int) -> bytes:
        return bytes(length)

    async def upload(client: GraphClient) -> None:
        url = f"{client.endpoint}/v1.0/drives/d/root:/f:/createUploadSession"
        session = await begin_upload(client, url, {}, bucket="sharepoint")
        await send_pieces(client, session, source, 5)

    said, told = error_of(open_graph, upload), exported()
    assert "createUploadSession" in told, "Graph itself is seen"
    for secret in (*SECRETS, "tempauth", "transfer/"):
        assert secret not in told + caplog.text + said
    assert bool(said) is broken


def test_a_next_link_leaves_no_place(
    open_graph: Callable[[], GraphClient], exported: Callable[[], str]
) -> None:
    async def two_pages() -> None:
        client = open_graph()
        spec = collector("groups")
        small = replace(spec, ask=replace(spec.ask, page_size=5))
        try:
            first = await read_page(client, small, first_url(client.endpoint, small))
            assert first.next_link is not None
            await read_page(client, small, first.next_link)
        finally:
            await client.aclose()

    asyncio.run(two_pages())
    told = exported()
    assert "/v1.0/groups/delta" in told
    assert not any(secret in told for secret in SECRETS)
    assert "select" not in told


def test_whatever_a_library_writes_is_redacted(
    tracing: Tracing, exported: Callable[[], str]
) -> None:
    url = "https://me:s3cret@files.example.org/report?sig=s3cret&se=2026"
    with tracing.provider.get_tracer("somebody").start_as_current_span(f"GET {url}") as span:
        span.set_attribute("url.full", url)
        span.set_attribute("http.target", "/report?sig=s3cret")
        span.set_attribute("url.query", "sig=s3cret")
        span.set_attribute("kept", 5)
        span.record_exception(ValueError(f"cannot open {url} today"))
        span.set_status(Status(StatusCode.ERROR, f"no {url}"))
    [told] = tracing.exporter.get_finished_spans()
    assert told.attributes is not None
    assert told.attributes["kept"] == 5
    assert told.attributes["url.full"] == f"https://{HIDDEN}@files.example.org/report?{HIDDEN}"
    assert told.attributes["http.target"] == f"/report?{HIDDEN}"
    assert "today" in str(told.events[0].attributes)
    assert "s3cret" not in exported()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see https://a.b/c?d=e, please", f"see https://a.b/c?{HIDDEN} please"),
        ("https://a.b/r(period='D7')?x=1", f"https://a.b/r(period='D7')?{HIDDEN}"),
        ("is it so? yes", "is it so? yes"),
        ("https://a.b/c", "https://a.b/c"),
    ],
)
def test_only_queries_go(text: str, left: str) -> None:
    assert without_queries(text) == left
