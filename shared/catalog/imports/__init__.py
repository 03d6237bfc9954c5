"""Imported datasets: what no API tells, sent as a file."""
