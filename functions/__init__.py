"""Triggers: a file per function of a timer or a queue, and one for all of HTTP.

Each binds, parses, calls one use case, binds the answer. They are found by scan.
"""

import gc
from importlib import import_module
from pathlib import Path

from azure.functions import Blueprint

# Python's 2,000 would have the collector look over what is imported, and stays, some forty times before
# the first answer: a tenth of what that takes. It looks for cycles, and a request leaves hardly any.
gc.set_threshold(100_000)

BLUEPRINTS: tuple[Blueprint, ...] = tuple(
    import_module(f"functions.{file.stem}").blueprint
    for file in sorted(Path(__file__).parent.glob("[!_]*.py"))
)
