"""Triggers: one file per function. Each binds, parses, calls one use case, binds the answer."""

from azure.functions import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
