"""Lets this machine through to a private database for as long as the migration takes.

In the sizes with a private network the server answers inside that network only. Who migrates from
elsewhere names his own address; the server is opened to that one address and closed again, whatever
happens in between. Entra still decides who signs in.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

_API = ("--api-version", "2025-08-01")


@contextmanager
def open_door(server_id: str, address: str) -> Iterator[None]:
    """Open the server with the resource id `server_id` to the IPv4 `address` inside the body.

    Does nothing unless both are given. Needs the Azure CLI, signed in with the right to change the
    server. Raises CalledProcessError with the CLI's words on stderr, RuntimeError without the CLI.
    """
    if not (server_id and address):
        yield
        return
    rule = f"{server_id}/firewallRules/migration"
    range_of_one = json.dumps({"startIpAddress": address, "endIpAddress": address})
    try:
        _set_public_access(server_id, "Enabled")
        _az("create", "--id", rule, "--properties", range_of_one)
        yield
    finally:
        # Closing comes first: it alone shuts everybody out, whatever becomes of the rule.
        _set_public_access(server_id, "Disabled")
        _az("delete", "--ids", rule)


def _set_public_access(server_id: str, state: str) -> None:
    network = json.dumps({"network": {"publicNetworkAccess": state}})
    _az("patch", "--ids", server_id, "--properties", network)


def _az(*arguments: str) -> None:
    """Change one resource and wait until Azure has done it."""
    tool = shutil.which("az")  # az.cmd on Windows
    if tool is None:
        raise RuntimeError("the Azure CLI (az) is needed to let this machine through")
    command = [tool, "resource", *arguments, *_API, "--output", "none", "--only-show-errors"]
    subprocess.run(command, check=True, timeout=900)
