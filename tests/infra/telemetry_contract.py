"""Every metric, span and event that the product declares, each beside its emitter, found by scan."""

import re
from importlib import import_module
from pathlib import Path

from shared.core.telemetry import Event, Metric, Span
from tests.infra.declarations import ROOT

_DECLARES = re.compile(r"^[A-Z_]+ = (?:Metric|Span|Event)\($", re.MULTILINE)


def declared() -> dict[str, Metric | Span | Event]:
    """Return each declaration by the name that the code has for it; ValueError if two share one."""
    found: dict[str, Metric | Span | Event] = {}
    for file in sorted((ROOT / "shared").rglob("*.py")):
        if _DECLARES.search(file.read_text(encoding="utf-8")) is None:
            continue
        for name, item in vars(import_module(_module(file))).items():
            if isinstance(item, Metric | Span | Event) and found.setdefault(name, item) is not item:
                raise ValueError(f"{file}: {name} is declared elsewhere")
    return found


def _module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts)


METRICS = tuple(
    sorted((i for i in declared().values() if isinstance(i, Metric)), key=lambda i: i.name)
)
SPANS = tuple(sorted((i for i in declared().values() if isinstance(i, Span)), key=lambda i: i.name))
EVENTS = tuple(
    sorted((i for i in declared().values() if isinstance(i, Event)), key=lambda i: i.name)
)
