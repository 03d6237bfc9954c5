"""No I/O: specs, registry, settings, errors, queue messages, clock, ids and texts."""
