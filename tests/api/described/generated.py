"""A client of the API that a generator makes of its description, used as whoever gets it would."""

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

PACKAGE = "kanri_client"
_TOOLS = Path(sys.executable).parent


def generate(document: Path, folder: Path) -> str:
    """Make the package of the OpenAPI `document` in `folder`; return what the generator says of it."""
    config = folder / "generator.yml"
    settings = "post_hooks: []\ncontent_type_overrides:\n  text/csv: application/octet-stream\n"
    config.write_text(settings, encoding="utf-8")
    command = [
        *(str(_TOOLS / "openapi-python-client"), "generate", "--path", str(document)),
        *("--meta", "none", "--output-path", str(folder / PACKAGE), "--config", str(config)),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout + ended.stderr


def check_types(folder: Path) -> str:
    """Return what mypy has against the package in `folder`."""
    command = [str(_TOOLS / "mypy"), "--strict", "--cache-dir", os.devnull, "-p", PACKAGE]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    return "" if ended.returncode == 0 else ended.stdout


class Client:
    """Calls operations of the generated package by their ids, on the server at `url`."""

    def __init__(self, url: str, operations: Mapping[str, str], token: str) -> None:
        """`operations` are tags by operation id; `token` is an access token."""
        module = import_module(f"{PACKAGE}.client")
        self._client = module.AuthenticatedClient(base_url=url, token=token, timeout=120)
        self._operations = operations

    def close(self) -> None:
        """Let go of the connections."""
        self._client.get_httpx_client().close()

    def answer(self, operation: str, *path: object, **given: object) -> Any:
        """Return the whole answer of the operation: `status_code`, `headers`, `parsed`."""
        tag = self._operations[operation].replace("-", "_")
        module = import_module(f"{PACKAGE}.api.{tag}.{operation}")
        return module.sync_detailed(*path, client=self._client, **given)

    def call(self, operation: str, *path: object, **given: object) -> Any:
        """Return what the operation gives; fails on a problem, or on what the client cannot read."""
        answer = self.answer(operation, *path, **given)
        assert answer.status_code < 400, (operation, answer.content)
        assert answer.parsed is not None or not answer.content, (operation, answer.content)
        return answer.parsed


def model(name: str) -> Any:
    """Return the class of the package that stands for the schema `name`."""
    return getattr(import_module(f"{PACKAGE}.models"), name)
