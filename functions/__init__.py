"""Triggers: a file per function of a timer or a queue, and one for all of HTTP.

Each binds, parses, calls one use case, binds the answer. They are found by scan.
"""

from importlib import import_module
from pathlib import Path

from azure.functions import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = tuple(
    import_module(f"functions.{file.stem}").blueprint
    for file in sorted(Path(__file__).parent.glob("[!_]*.py"))
)
