"""Downloads flow into a sink: flat in memory, checked, gone on with when cut, never with our token."""

import asyncio
import base64
import hashlib
import io
import resource
import tracemalloc
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.errors import GraphError, GraphUnavailable, MalformedAnswer, StoreUnavailable
from shared.graph.client import GraphClient
from shared.graph.incoming import FileSink
from tests.fixtures.graph import QUICK, OpenPurse
from tests.fixtures.hostile import TOKEN, Asked, Hostile, elsewhere, http
from tests.graph.test_client import Open, use

pytestmark = pytest.mark.stack

WHOLE = bytes(range(256)) * 20_000  # five megabytes
MD5 = base64.b64encode(hashlib.md5(WHOLE, usedforsecurity=False).digest()).decode()


@pytest.fixture
def store(hostile: Hostile, other_host: Hostile) -> Hostile:
    """The host that files are on; Graph redirects there, to an address that is a secret."""
    hostile.answer = lambda _asked: elsewhere(
        f"{other_host.origin}/file?sig=s3cret{len(hostile.asked)}"
    )
    return other_host


def fetch(open_hostile: Open, most_megabytes: int = 64) -> bytes:
    """Download the file; what the sink holds."""
    file = io.BytesIO()

    async def download(client: GraphClient) -> int:
        url = f"{client.endpoint}/v1.0/drives/d/items/i/content"
        return await client.download(
            url, FileSink(file), bucket="sharepoint", most_megabytes=most_megabytes
        )

    size = use(open_hostile, download)
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


def test_a_file_comes_whole_without_our_token(
    open_hostile: Open, store: Hostile, hostile: Hostile
) -> None:
    store.answer = Files().answer
    assert fetch(open_hostile) == WHOLE
    assert TOKEN in hostile.asked[0].head
    assert TOKEN not in store.asked[0].head
    assert "authorization" not in store.asked[0].head.lower()
    assert "identity" in store.asked[0].head, "a packed file could not be gone on with"


def test_a_cut_file_goes_on_where_it_stopped_from_a_new_address(
    open_hostile: Open, store: Hostile, hostile: Hostile
) -> None:
    files = Files(cuts=[1_000_000, 2_500_000, 0])
    store.answer = files.answer
    assert fetch(open_hostile) == WHOLE
    assert files.ranges[0] == ""
    starts = [int(wish.removeprefix("bytes=").removesuffix("-")) for wish in files.ranges[1:]]
    assert starts == sorted(starts)
    assert 0 < starts[0] <= 1_000_000
    assert len({asked.target for asked in store.asked}) == len(hostile.asked) == 4


def test_progress_makes_up_for_earlier_tries(open_hostile: Open, store: Hostile) -> None:
    files = Files(cuts=[1_200_000, 1_200_000, 1_200_000, 1_200_000])
    store.answer = files.answer
    assert len(files.cuts) == QUICK.attempts
    assert fetch(open_hostile) == WHOLE


def test_a_file_that_is_cut_without_end_is_given_up(open_hostile: Open, store: Hostile) -> None:
    files = Files(cuts=[100] * 50)
    store.answer = files.answer
    with pytest.raises(GraphUnavailable):
        fetch(open_hostile)
    assert len(files.ranges) == QUICK.attempts


def test_another_file_begins_anew(open_hostile: Open, store: Hostile) -> None:
    first, second = Files(cuts=[3_000_000]), Files(whole=WHOLE[::-1], tag='"2"', digest="")
    answers = [first.answer, second.answer]

    def answer(asked: Asked) -> bytes:
        return answers.pop(0)(asked)

    store.answer = answer
    assert fetch(open_hostile) == WHOLE[::-1]
    assert second.ranges[0].startswith("bytes="), "it asked to go on"


@pytest.mark.parametrize("tag", ["", 'W/"1"'])
def test_without_a_strong_tag_it_begins_anew(open_hostile: Open, store: Hostile, tag: str) -> None:
    files = Files(cuts=[3_000_000], tag=tag)
    store.answer = files.answer
    assert fetch(open_hostile) == WHOLE
    assert files.ranges == ["", ""]


def test_a_damaged_file_is_fetched_again_and_then_given_up(
    open_hostile: Open, store: Hostile
) -> None:
    files = Files(digest="AAAAAAAAAAAAAAAAAAAAAA==")
    store.answer = files.answer
    with pytest.raises(GraphUnavailable, match="damaged"):
        fetch(open_hostile)
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
    open_hostile: Open, store: Hostile, purse: OpenPurse, part: str
) -> None:
    store.answer = lambda _asked: PARTS[part]
    with pytest.raises(GraphError) as raised:
        fetch(open_hostile)
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
def test_a_hostile_address_is_not_gone_to(
    open_hostile: Open, hostile: Hostile, location: str
) -> None:
    hostile.answer = lambda _asked: elsewhere(location)
    with pytest.raises(GraphError):
        fetch(open_hostile)


def test_redirects_without_end_are_left(
    open_hostile: Open, store: Hostile, hostile: Hostile
) -> None:
    store.answer = lambda asked: elsewhere(asked.target)
    with pytest.raises(MalformedAnswer, match="without end"):
        fetch(open_hostile)
    assert len(store.asked) < 10


def test_a_file_that_is_too_large_is_left(open_hostile: Open, store: Hostile) -> None:
    store.answer = Files().answer
    with pytest.raises(MalformedAnswer, match="larger than 2 MB"):
        fetch(open_hostile, most_megabytes=2)


def test_a_file_that_graph_serves_itself_comes_too(open_hostile: Open, hostile: Hostile) -> None:
    hostile.answer = Files().answer
    assert fetch(open_hostile) == WHOLE


def test_a_full_disk_is_not_called_a_fault_of_graph(
    open_hostile: Open, store: Hostile, tmp_path: Path
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
                use(open_hostile, download)
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


def test_a_stop_in_the_middle_leaves_no_connection(open_hostile: Open, store: Hostile) -> None:
    store.answer = Files().answer

    class Stop(FileSink):
        async def write(self, piece: bytes) -> None:
            await super().write(piece)
            raise asyncio.CancelledError

    async def download(client: GraphClient) -> None:
        url = f"{client.endpoint}/v1.0/drives/d/items/i/content"
        with pytest.raises(asyncio.CancelledError):
            await client.download(url, Stop(io.BytesIO()), bucket="sharepoint")

    use(open_hostile, download)
