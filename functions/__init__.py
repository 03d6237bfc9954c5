"""Triggers: one file per function. Each binds, parses, calls one use case, binds the answer."""

from azure.functions import Blueprint

from functions.queue_collect import blueprint as queue_collect
from functions.queue_collect_poison import blueprint as queue_collect_poison
from functions.timer_collect import blueprint as timer_collect
from functions.timer_maintain import blueprint as timer_maintain

BLUEPRINTS: tuple[Blueprint, ...] = (
    queue_collect,
    queue_collect_poison,
    timer_collect,
    timer_maintain,
)
