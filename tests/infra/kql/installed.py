"""Installs the engine once per work tree, from wheels and by hash, exactly as requirements.txt says.

It is not a dependency of the project: nothing but these tests runs KQL outside Azure.
"""

import os
import shutil
import subprocess
import sys
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOOLS = HERE.parents[2] / ".kanri"


@cache
def engine() -> Any:
    """Return the module `duckdb_kql`; CalledProcessError if its packages cannot be had."""
    requirements = HERE / "requirements.txt"
    target = TOOLS / f"kql-{sha256(requirements.read_bytes()).hexdigest()[:8]}"
    if not target.exists():
        draft = target.with_name(f"{target.name}.{os.getpid()}")
        install = ["uv", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        only = ["--only-binary", ":all:", "--python", sys.executable, "--target", str(draft)]
        subprocess.run([*install, *only, "-r", str(requirements)], check=True)
        if target.exists():  # another test process was faster
            shutil.rmtree(draft)
        else:
            draft.rename(target)
    sys.path.append(str(target))
    return import_module("duckdb_kql")
