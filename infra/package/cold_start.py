"""Measures what it costs to start a package: fresh interpreters that index the app."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.package.dependencies import SITE_PACKAGES

_INDEX = (
    "import sys; sys.dont_write_bytecode = True; sys.path[:0] = sys.argv[1:];"
    "from function_app import app; app.get_functions();"
    "import time; print(time.process_time())"
)


@contextmanager
def unpacked(package: Path) -> Iterator[tuple[Path, Path]]:
    """Yield two temporary folders: the package unpacked with its bytecode, and without."""
    with tempfile.TemporaryDirectory() as temporary:
        compiled, plain = Path(temporary) / "compiled", Path(temporary) / "plain"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(compiled)
        shutil.copytree(compiled, plain, ignore=shutil.ignore_patterns("__pycache__"))
        yield compiled, plain


def index_cpu_seconds(app: Path) -> float:
    """Return the CPU seconds of an interpreter that indexes the unpacked app; it keeps no bytecode.

    Only interpreter and app count: the platform's own start does not.
    """
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-I", "-S", "-c", _INDEX, str(app), str(app / SITE_PACKAGES)]
    done = subprocess.run(
        command, check=True, env=environment, capture_output=True, text=True, timeout=120
    )
    return float(done.stdout.splitlines()[-1])
