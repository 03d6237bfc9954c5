"""Uploads go on where they were cut, end once, can be cancelled, and show nobody our token."""

import asyncio
import io
from contextlib import suppress

import msgspec
import pytest

from infra.local.sandbox.client import SandboxAdmin
from shared.core.errors import GraphError, GraphUnavailable, KanriError, OutcomeUnknown, Throttled
from shared.graph.client import GraphClient
from shared.graph.incoming import FileSink
from shared.graph.uploading import UNIT, begin_upload, cancel_upload, send_pieces
from tests.fixtures.graph import OpenPurse
from tests.fixtures.hostile import TOKEN, Asked, Hostile, elsewhere, http
from tests.graph.test_client import Open, use

pytestmark = [pytest.mark.stack, pytest.mark.usefixtures("may_write")]

WHOLE = bytes(range(256)) * 5_000  # 1.28 MB: four pieces of 320 KiB
LAST = 3


async def source(start: int, length: int) -> bytes:
    """The bytes to send."""
    return WHOLE[start : start + length]


async def upload(client: GraphClient, name: str = "f.bin") -> bytes:
    """Upload the file to a drive; the item that it became."""
    url = f"{client.endpoint}/v1.0/drives/d/root:/{name}:/createUploadSession"
    session = await begin_upload(client, url, {"name": name}, bucket="sharepoint")
    return await send_pieces(client, session, source, len(WHOLE), piece=UNIT)


async def content(client: GraphClient, item: bytes) -> bytes:
    """What the drive holds."""
    file, key = io.BytesIO(), msgspec.json.decode(item)["id"]
    url = f"{client.endpoint}/v1.0/drives/d/items/{key}/content"
    await client.download(url, FileSink(file), bucket="sharepoint")
    return file.getvalue()


async def there_and_back(client: GraphClient) -> bytes:
    """Upload and download."""
    return await content(client, await upload(client))


def test_a_file_arrives_whole(open_graph: Open, purse: OpenPurse) -> None:
    assert use(open_graph, there_and_back) == WHOLE
    assert [cost for bucket, cost in purse.reserved if bucket == "sharepoint"] == [2] * 5 + [1]


@pytest.mark.parametrize("after", range(LAST))
@pytest.mark.parametrize("kind", ["cut", "reset", "lost", "gateway_timeout"])
def test_what_is_cut_in_the_middle_goes_on(
    open_graph: Open, sandbox_admin: SandboxAdmin, kind: str, after: int
) -> None:
    rule = {"kind": kind, "path": "transfer", "method": "PUT", "after": after, "count": 1}
    sandbox_admin.faults(rule)
    assert use(open_graph, there_and_back) == WHOLE


@pytest.mark.parametrize("kind", ["cut", "reset", "lost"])
def test_nobody_can_say_how_the_last_piece_ended(
    open_graph: Open, sandbox_admin: SandboxAdmin, kind: str
) -> None:
    rule = {"kind": kind, "path": "transfer", "method": "PUT", "after": LAST, "count": 1}
    sandbox_admin.faults(rule)
    with pytest.raises(OutcomeUnknown):
        use(open_graph, upload)


def test_a_storm_of_429_is_waited_out_or_raised(
    open_graph: Open, sandbox_admin: SandboxAdmin, purse: OpenPurse
) -> None:
    storm = {"kind": "throttle", "path": "transfer", "method": "PUT", "retry_after": 1}
    sandbox_admin.faults({**storm, "count": 2})
    assert use(open_graph, there_and_back) == WHOLE
    assert purse.penalties == [("sharepoint", 1.0)] * 2
    sandbox_admin.faults({**storm, "retry_after": 600})
    with pytest.raises(Throttled) as raised:
        use(open_graph, upload)
    assert raised.value.retry_after == 600


def test_what_was_given_up_can_be_gone_on_with_or_cancelled(
    open_graph: Open, sandbox_admin: SandboxAdmin
) -> None:
    async def live(client: GraphClient) -> bytes:
        url = f"{client.endpoint}/v1.0/drives/d/root:/g.bin:/createUploadSession"
        session = await begin_upload(client, url, {}, bucket="sharepoint")
        assert session.url not in repr(session)
        sandbox_admin.faults({"kind": "reset", "path": "transfer", "after": 2})
        with pytest.raises(GraphUnavailable):
            await send_pieces(client, session, source, len(WHOLE), piece=UNIT)
        sandbox_admin.clear_faults()
        item = await send_pieces(client, session, source, len(WHOLE), piece=UNIT)
        other = await begin_upload(client, url, {}, bucket="sharepoint")
        await cancel_upload(client, other)
        await cancel_upload(client, other)
        with pytest.raises(GraphError) as raised:
            await send_pieces(client, other, source, len(WHOLE), piece=UNIT)
        assert raised.value.code == "upload_gone"
        return await content(client, item)

    assert use(open_graph, live) == WHOLE


@pytest.mark.parametrize("piece", [0, UNIT + 1, 61 << 20])
def test_pieces_have_the_sizes_that_graph_takes(open_graph: Open, piece: int) -> None:
    async def send(client: GraphClient) -> None:
        url = f"{client.endpoint}/v1.0/drives/d/root:/h.bin:/createUploadSession"
        session = await begin_upload(client, url, {}, bucket="sharepoint")
        await send_pieces(client, session, source, len(WHOLE), piece=piece)

    with pytest.raises(ValueError, match="multiples"):
        use(open_graph, send)


def session(url: str) -> bytes:
    """What Graph answers to createUploadSession."""
    return http(msgspec.json.encode({"uploadUrl": url, "nextExpectedRanges": ["0-"]}))


ANSWERS = {
    "moved": elsewhere("https://localhost:1/"),
    "moved_for_good": elsewhere("http://localhost:1/", "308 Go"),
    "html": http(b"<html>"),
    "no_range": http(b"{}", "202 Accepted"),
    "odd_range": http(b'{"nextExpectedRanges":["x-"]}', "202 Accepted"),
    "always_the_first": http(b'{"nextExpectedRanges":["0-"]}', "202 Accepted"),
    "not_found": http(b"{}", "404 Not Found"),
    "refused": http(b"{}", "403 Forbidden"),
    "conflict": http(b'{"error":{"code":"nameAlreadyExists"}}', "409 Conflict"),
    "range": http(b"{}", "416 Range"),
    "nothing": b"",
    "claims": http(b"{}", "401 No", WWW_Authenticate='Bearer claims="e30="'),
}


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_whatever_is_answered_the_upload_ends_and_shows_no_token(
    open_hostile: Open, hostile: Hostile, other_host: Hostile, answer: str
) -> None:
    hostile.answer = lambda _asked: session(f"{other_host.origin}/up?tempauth=s3cret")
    other_host.answer = lambda _asked: ANSWERS[answer]
    said = ""

    async def tell(client: GraphClient) -> None:
        nonlocal said
        with suppress(KanriError):
            try:
                await upload(client)
            except KanriError as error:
                said = str(error)
                raise

    use(open_hostile, lambda client: asyncio.wait_for(tell(client), 60))
    assert said or answer == "html", "a 200 is the item, whatever it says"
    assert "s3cret" not in said
    assert 0 < len(other_host.asked) < 20
    assert not any(TOKEN in asked.head for asked in other_host.asked)


@pytest.mark.parametrize(
    "url", ["http://localhost:1/up", "ftp://localhost/up", "https:///up", "https://[", "up", ""]
)
def test_a_hostile_address_is_not_gone_to(open_hostile: Open, hostile: Hostile, url: str) -> None:
    hostile.answer = lambda _asked: session(url)
    with pytest.raises(GraphError):
        use(open_hostile, upload)


def test_spans_and_errors_hold_no_address(
    open_hostile: Open, hostile: Hostile, other_host: Hostile
) -> None:
    asked: list[Asked] = []

    def refuse(one: Asked) -> bytes:
        asked.append(one)
        return http(b'{"error":{"code":"s3cret sentence"}}', "400 Bad")

    hostile.answer = lambda _asked: session(f"{other_host.origin}/s3cret?tempauth=s3cret")
    other_host.answer = refuse
    with pytest.raises(GraphError) as raised:
        use(open_hostile, upload)
    assert asked
    assert "s3cret" not in str(raised.value)
    assert "s3cret" not in repr(raised.value.params)
