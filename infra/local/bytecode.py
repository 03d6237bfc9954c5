"""Where compiled Python goes on a machine that is told not to write any."""

import os
import sys

from infra.local.repository import WORK_DIR


def keep_bytecode() -> None:
    """Let this process and its children keep bytecode below `.kanri` if they would keep none.

    Without it every worker process compiles azure-identity, msgraph-sdk and SQLAlchemy anew:
    seconds before its first message. Nothing changes where Python writes bytecode beside the
    sources.
    """
    if not sys.dont_write_bytecode:
        return
    folder = str(WORK_DIR / "bytecode")
    sys.dont_write_bytecode = False
    sys.pycache_prefix = folder
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = folder
