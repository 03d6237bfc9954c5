"""Measures what the bytecode in a package is worth: fresh interpreters that index the app."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from infra.package.dependencies import SITE_PACKAGES

_INDEX = (
    "import sys; sys.dont_write_bytecode = True; sys.path[:0] = sys.argv[1:];"
    "from function_app import app; app.get_functions()"
)


def measure(package: Path, rounds: int = 5) -> tuple[float, float]:
    """Return the best seconds to index the unpacked package with and without its bytecode.

    Both are measured in turns. Only interpreter and app count: the platform's own start does not.
    """
    with tempfile.TemporaryDirectory() as temporary:
        compiled, plain = Path(temporary) / "compiled", Path(temporary) / "plain"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(compiled)
        shutil.copytree(compiled, plain, ignore=shutil.ignore_patterns("__pycache__"))
        times = [(_seconds(compiled), _seconds(plain)) for _ in range(rounds)]
    return min(first for first, _ in times), min(second for _, second in times)


def _seconds(folder: Path) -> float:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-I", "-S", "-c", _INDEX, str(folder), str(folder / SITE_PACKAGES)]
    began = time.perf_counter()
    subprocess.run(command, check=True, env=environment, capture_output=True)
    return time.perf_counter() - began
