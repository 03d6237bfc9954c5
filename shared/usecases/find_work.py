"""Finds the kinds of work by scanning the use cases; imports one only when it is asked for."""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from shared.core.errors import BadMessage
from shared.core.work import Work
from shared.store.work.run_records import Run

_DECLARES = re.compile(r"^WORK\b.* = Work\(", re.MULTILINE)

type AnyWork = Work[Run, Any]


@cache
def kinds() -> tuple[str, ...]:
    """Return every kind of work, sorted, without importing one. The file is named after its kind."""
    files = Path(__file__).parent.glob("*.py")
    return tuple(sorted(f.stem for f in files if _DECLARES.search(f.read_text("utf-8"))))


def find_work(kind: str) -> AnyWork:
    """Return the kind of work; BadMessage if there is none, or if it calls itself something else."""
    if kind not in kinds():
        raise BadMessage("message_malformed", parameter="kind", reason="no such work")
    work: AnyWork = import_module(f"shared.usecases.{kind}").WORK
    if work.kind != kind:
        raise ValueError(f"{kind} calls itself {work.kind}")
    return work


def all_work() -> list[AnyWork]:
    """Return every kind of work."""
    return [find_work(kind) for kind in kinds()]
