"""What is shipped to Azure: nothing of infra, tests or tooling, and the root files the host wants."""

import fnmatch
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _shipped() -> set[str]:
    """Apply .funcignore (the gitignore patterns we use: `dir/`, `*.ext`, `.*`, names) to the tree."""
    patterns = (ROOT / ".funcignore").read_text(encoding="utf-8").split()
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()

    def ignored(name: str) -> bool:
        parts = name.split("/")
        return any(
            fnmatch.fnmatch(part, pattern.rstrip("/").removeprefix("**/"))
            for pattern in patterns
            for part in (parts[:-1] if pattern.endswith("/") else parts)
        )

    return {name for name in tracked if not ignored(name)}


def test_only_the_product_is_shipped() -> None:
    tops = {name.split("/")[0] for name in _shipped()}
    assert tops == {"function_app.py", "functions", "host.json", "requirements.txt", "shared"}


def test_texts_and_migrations_are_shipped() -> None:
    shipped = _shipped()
    assert "shared/core/texts.toml" in shipped
    assert "shared/store/migrations/env.py" in shipped
