"""Downloads flow into a sink: flat in memory, checked, gone on with when cut, never with our token."""

import asyncio
import base64
import hashlib
import io
import resource
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from infra.local.sandbox.client import SandboxAdmin
from infra.local.sandbox_process import SandboxReady
from shared.core.errors import GraphError, GraphUnavailable, MalformedAnswer, StoreUnavailable
from shared.graph.client import GraphClient
from shared.graph.governor import Governor
from shared.graph.incoming import FileSink
from tests.fixtures.graph import QUICK, OpenPurse, sandbox_settings
from tests.fixtures.hostile import TOKEN, Asked, Hostile, elsewhere, http
from tests.graph.test_client import Open, use

pytestmark = pytest.mark.stack

WHOLE = bytes(range(256)) * 20_000  # five megabytes
MD5 = base64.b64encode(hashlib.md5(WHOLE, usedforsecurity=False).digest()).decode()


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    """A Graph that redirects as a test says."""
    server = Hostile(tmp_path_factory.mktemp("hostile"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def store(graph: Hostile) -> Iterator[Hostile]:
    """The host that files are on; Graph redirects there, to an address that is a secret."""
    server = Hostile(Path(graph.folder))
    server.start()
    graph.asked.clear()
    graph.answer = lambda _asked: elsewhere(f"{server.origin}/file?sig=s3cret{len(graph.asked)}")
    yield server
    server.stop()


@pytest.fixture
def opened(sandbox: SandboxReady, purse: OpenPurse, graph: Hostile) -> Open:
    """Open a client of that Graph."""
    names = {"KANRI_GRAPH_ENDPOINT": graph.origin, "KANRI_AUTHORITY_HOST": graph.origin}
    names["KANRI_CA_FILE"] = graph.ca_file

    def open_client() -> GraphClient:
        return GraphClient(sandbox_settings(sandbox, 0, **names), uuid4(), Governor(purse), QUICK)

    return open_client


def fetch(opened: Open, most_megabytes: int = 64) -> bytes:
    """Download the file; what the sink holds."""
    file = io.BytesIO()

    async def download(client: GraphClient) -> int:
        url = f"{client.endpoint}/v1.0/drives/d/items/i/content"
        return await client.download(
            url, FileSink(file), bucket="sharepoint", most_megabytes=most_megabytes
        )

    size = use(opened, download)
    assert size == len(file.getvalue())
    return file.getvalue()


@dataclass
class Files:
    """A file host: serves a file, in parts too, and cuts the first answers after so many bytes."""

    whole: bytes = WHOLE
    tag: str = '"1"'
    cuts: list[int] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    digest: str = MD5

    def answer(self, asked: Asked) -> bytes:
        """One GET, with or without Range."""
        wishes = {name.lower(): value for name, _, value in _fields(asked)}
        self.ranges.append(wishes.get("range", ""))
        start = 0
        if wishes.get("range") and wishes.get("if-range") == self.tag:
            start = int(wishes["range"].removeprefix("bytes=").removesuffix("-"))
        told = {"ETag": self.tag, "Content-MD5": self.digest}
        status = "200 OK"
        if start:
            status = "206 Partial Content"
            told["Content-Range"] = f"bytes {start}-{len(self.whole) - 1}/{len(self.whole)}"
        said = http(self.whole[start:], status, **told)
        if not self.cuts:
            return said
        head = said.index(b"\r\n\r\n") + 4
        return said[: head + self.cuts.pop(0)]


def _fields(asked: Asked) -> list[tuple[str, str, str]]:
    lines = [line.partition(":") for line in asked.head.split("\r\n")[1:] if ":" in line]
    return [(name, colon, value.strip()) for name, colon, value in lines]


def test_a_file_comes_whole_without_our_token(opened: Open, store: Hostile, graph: Hostile) -> None:
    store.answer = Files().answer
    assert fetch(opened) == WHOLE
    assert TOKEN in graph.asked[0].head
    assert TOKEN not in store.asked[0].head
    assert "authorization" not in store.asked[0].head.lower()
    assert "identity" in store.asked[0].head, "a packed file could not be gone on with"


def test_a_cut_file_goes_on_where_it_stopped_from_a_new_address(
    opened: Open, store: Hostile, graph: Hostile
) -> None:
    files = Files(cuts=[1_000_000, 2_500_000, 0])
    store.answer = files.answer
    assert fetch(opened) == WHOLE
    assert files.ranges[0] == ""
    starts = [int(wish.removeprefix("bytes=").removesuffix("-")) for wish in files.ranges[1:]]
    assert starts == sorted(starts)
    assert 0 < starts[0] <= 1_000_000
    assert len({asked.target for asked in store.asked}) == len(graph.asked) == 4


def test_progress_makes_up_for_earlier_tries(opened: Open, store: Hostile) -> None:
    files = Files(cuts=[1_200_000, 1_200_000, 1_200_000, 1_200_000])
    store.answer = files.answer
    assert len(files.cuts) == QUICK.attempts
    assert fetch(opened) == WHOLE


def test_a_file_that_is_cut_without_end_is_given_up(opened: Open, store: Hostile) -> None:
    files = Files(cuts=[100] * 50)
    store.answer = files.answer
    with pytest.raises(GraphUnavailable):
        fetch(opened)
    assert len(files.ranges) == QUICK.attempts


def test_another_file_begins_anew(opened: Open, store: Hostile) -> None:
    first, second = Files(cuts=[3_000_000]), Files(whole=WHOLE[::-1], tag='"2"', digest="")
    answers = [first.answer, second.answer]

    def answer(asked: Asked) -> bytes:
        return answers.pop(0)(asked)

    store.answer = answer
    assert fetch(opened) == WHOLE[::-1]
    assert second.ranges[0].startswith("bytes="), "it asked to go on"


@pytest.mark.parametrize("tag", ["", 'W/"1"'])
def test_without_a_strong_tag_it_begins_anew(opened: Open, store: Hostile, tag: str) -> None:
    files = Files(cuts=[3_000_000], tag=tag)
    store.answer = files.answer
    assert fetch(opened) == WHOLE
    assert files.ranges == ["", ""]


def test_a_damaged_file_is_fetched_again_and_then_given_up(opened: Open, store: Hostile) -> None:
    files = Files(digest="AAAAAAAAAAAAAAAAAAAAAA==")
    store.answer = files.answer
    with pytest.raises(GraphUnavailable, match="damaged"):
        fetch(opened)
    assert files.ranges == [""] * QUICK.attempts


PARTS = {
    "no_place": http(b"x", "206 Partial Content"),
    "other_place": http(b"x", "206 Partial Content", Content_Range="bytes 5-5/6"),
    "no_range": http(b"", "416 Range Not Satisfiable"),
    "refused": http(b"{}", "403 Forbidden"),
    "slow": http(b"{}", "429 Slow", Retry_After="600"),
    "elsewhere_again": elsewhere("https://localhost:1/"),
    "html": http(b"<html>", "500 Odd"),
}


@pytest.mark.parametrize("part", sorted(PARTS))
def test_what_is_no_file_is_a_failure_of_the_download(
    opened: Open, store: Hostile, purse: OpenPurse, part: str
) -> None:
    store.answer = lambda _asked: PARTS[part]
    with pytest.raises(GraphError) as raised:
        fetch(opened)
    assert isinstance(raised.value, GraphUnavailable | MalformedAnswer)
    assert "s3cret" not in str(raised.value)
    assert purse.penalties == []


@pytest.mark.parametrize(
    "location",
    [
        "http://localhost:1/f",
        "ftp://localhost/f",
        "https:///f",
        "https://[",
        "",
        "file:///etc/passwd",
    ],
)
def test_a_hostile_address_is_not_gone_to(opened: Open, graph: Hostile, location: str) -> None:
    graph.answer = lambda _asked: elsewhere(location)
    with pytest.raises(GraphError):
        fetch(opened)


def test_redirects_without_end_are_left(opened: Open, store: Hostile, graph: Hostile) -> None:
    store.answer = lambda asked: elsewhere(asked.target)
    with pytest.raises(MalformedAnswer, match="without end"):
        fetch(opened)
    assert len(store.asked) < 10


def test_a_file_that_is_too_large_is_left(opened: Open, store: Hostile) -> None:
    store.answer = Files().answer
    with pytest.raises(MalformedAnswer, match="larger than 2 MB"):
        fetch(opened, most_megabytes=2)


def test_a_file_that_graph_serves_itself_comes_too(opened: Open, graph: Hostile) -> None:
    graph.answer = Files().answer
    assert fetch(opened) == WHOLE


def test_a_full_disk_is_not_called_a_fault_of_graph(
    opened: Open, store: Hostile, tmp_path: Path
) -> None:
    store.answer = Files().answer
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with (tmp_path / "file").open("wb") as file:

        async def download(client: GraphClient) -> None:
            url = f"{client.endpoint}/v1.0/drives/d/items/i/content"
            await client.download(url, FileSink(file), bucket="sharepoint")

        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
        try:
            with pytest.raises(StoreUnavailable, match="File too large"):
                use(opened, download)
            file.truncate(0)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(store.asked) == 1


def test_no_more_than_a_piece_is_in_memory(
    open_graph: Open, sandbox_admin: SandboxAdmin, tmp_path: Path
) -> None:
    size = 48 << 20
    rule = {"kind": "body", "path": "reportsdownload", "value": "x" * size}

    with (tmp_path / "file").open("wb") as file:

        async def peak(client: GraphClient) -> int:
            url = f"{client.endpoint}/v1.0/reports/getMailboxUsageDetail(period='D7')"
            bucket = "usage_reports/mailbox_usage"
            small = await client.download(url, FileSink(io.BytesIO()), bucket=bucket)
            sandbox_admin.faults(rule)
            tracemalloc.start()
            try:
                assert await client.download(url, FileSink(file), bucket=bucket) == size > small
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        most = use(open_graph, peak)
    assert (tmp_path / "file").stat().st_size == size
    assert most < size / 8


@pytest.mark.parametrize("kind", ["cut", "reset"])
def test_a_usage_report_that_is_cut_arrives(
    open_graph: Open, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    sandbox_admin.faults({"kind": kind, "path": "reportsdownload", "count": 2})
    file = io.BytesIO()

    async def download(client: GraphClient) -> int:
        url = f"{client.endpoint}/v1.0/reports/getMailboxUsageDetail(period='D7')"
        return await client.download(url, FileSink(file), bucket="usage_reports/mailbox_usage")

    assert use(open_graph, download) > 1000
    assert file.getvalue().removeprefix(b"\xef\xbb\xbf").startswith(b"Report Refresh Date,")


def test_a_stop_in_the_middle_leaves_no_connection(opened: Open, store: Hostile) -> None:
    store.answer = Files().answer

    class Stop(FileSink):
        async def write(self, piece: bytes) -> None:
            await super().write(piece)
            raise asyncio.CancelledError

    async def download(client: GraphClient) -> None:
        url = f"{client.endpoint}/v1.0/drives/d/items/i/content"
        with pytest.raises(asyncio.CancelledError):
            await client.download(url, Stop(io.BytesIO()), bucket="sharepoint")

    use(opened, download)
