"""The host's listening socket: what asyncio makes of the connections that it accepts."""

import asyncio
import socket
from pathlib import Path

from infra.local.host.options import HostOptions
from infra.local.host.service import open_socket


def test_answers_do_not_wait_for_a_delayed_acknowledgement() -> None:
    """Without TCP_NODELAY each answer takes 40 ms or more."""

    async def accepted_without_delay() -> bool:
        seen: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            connection: socket.socket = writer.get_extra_info("socket")
            seen.set_result(bool(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
            writer.close()

        listening = open_socket(HostOptions(app=Path.cwd(), port=0))
        async with await asyncio.start_server(look, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            without_delay = await seen
            writer.close()
            await writer.wait_closed()
            return without_delay

    assert asyncio.run(accepted_without_delay())
