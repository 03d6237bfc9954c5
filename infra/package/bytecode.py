"""Compiles everything ahead: a cold start from source takes five to eight times as long.

The bytecode carries the hash of its source and is never checked against it (PEP 552): file times,
which a zip and a mount change, do not matter. It is written by processes of their own that have
loaded nothing else: bytecode tells which of its strings were in use elsewhere when it was written.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# A fixed number: each process writes the same files in the same order on every machine.
_PROCESSES = 4


def compile_tree(folder: Path) -> int:
    """Compile every module below `folder` into `__pycache__`; return how many.

    Raises RuntimeError on another Python than 3.13, whose bytecode Azure could not read, and
    CalledProcessError, with the compiler's words on stdout, for a file that is no Python.
    """
    if sys.version_info[:2] != (3, 13):
        raise RuntimeError("build the package with Python 3.13: its bytecode is for no other")
    sources = sorted(folder.rglob("*.py"))
    shares = [sources[first::_PROCESSES] for first in range(_PROCESSES)]
    with ThreadPoolExecutor(max_workers=os.process_cpu_count()) as pool:
        for _ in pool.map(lambda share: _compile(folder, share), shares):
            pass
    return len(sources)


def _compile(folder: Path, sources: Sequence[Path]) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    options = ["-q", "-i", "-", "-s", str(folder), "--invalidation-mode", "unchecked-hash"]
    subprocess.run(
        [sys.executable, "-S", "-P", "-m", "compileall", *options],
        input="".join(f"{source}\n" for source in sources),
        env=clean | {"PYTHONHASHSEED": "0"},
        text=True,
        check=True,
        timeout=600,
    )
