"""Secrets and state on disk: made once at random, for the eyes of their owner only."""

import os
from collections.abc import Callable
from pathlib import Path


def private_folder(path: Path) -> None:
    """Make the folder, or close it if it exists: other users of the machine see nothing below it.

    Folders above it that are missing are made closed too; those that exist are not ours to change.
    """
    for missing in reversed([above for above in path.parents if not above.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    path.mkdir(mode=0o700, exist_ok=True)
    path.chmod(0o700)


def write_private(path: Path, text: str) -> None:
    """Write `text` so that no moment exists at which others could read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """Return the secret kept in `path`, made by `make` the first time."""
    if not path.exists():
        write_private(path, make())
    return path.read_text(encoding="utf-8")
