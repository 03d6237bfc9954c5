"""The listening sockets of host and sandbox: what asyncio makes of the connections they accept."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.host import service
from infra.local.host.options import HostOptions
from infra.local.sandbox import server


@pytest.mark.parametrize(
    "opened",
    [
        lambda: service.open_socket(HostOptions(app=Path.cwd(), port=0)),
        lambda: server.open_socket(0),
    ],
    ids=["host", "sandbox"],
)
def test_answers_do_not_wait_for_a_delayed_acknowledgement(
    opened: Callable[[], socket.socket],
) -> None:
    """Without TCP_NODELAY each answer takes 40 ms or more."""

    async def accepted_without_delay() -> bool:
        seen: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection: socket.socket = writer.get_extra_info("socket")
            seen.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        listening = opened()
        async with await asyncio.start_server(look, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            without_delay = await seen
            writer.close()
            await writer.wait_closed()
            return without_delay

    assert asyncio.run(accepted_without_delay())
