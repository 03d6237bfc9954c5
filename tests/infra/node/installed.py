"""Installs the npm packages of this folder once per work tree, exactly as package-lock.json says."""

import os
import shutil
from functools import cache
from hashlib import sha256
from pathlib import Path

from infra.local.azurite.install import node
from tests.fixtures.children import run_child

HERE = Path(__file__).parent
TOOLS = HERE.parents[2] / ".kanri"


@cache
def node_modules() -> Path:
    """Return the folder `node_modules`; CalledProcessError if npm fails."""
    digest = sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:8]
    target = TOOLS / f"infra-checks-{digest}"
    if not target.exists():
        draft = TOOLS / f"infra-checks-{digest}.{os.getpid()}"
        draft.mkdir(parents=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(HERE / name, draft / name)
        npm = Path(node()).parent.parent / "lib/node_modules/npm/bin/npm-cli.js"
        run_child(
            [node(), str(npm), "ci", "--ignore-scripts", "--no-progress"],
            cwd=draft,
            check=True,
            capture_output=True,
        )
        if target.exists():  # another test process was faster
            shutil.rmtree(draft)
        else:
            draft.rename(target)
    return target / "node_modules"
