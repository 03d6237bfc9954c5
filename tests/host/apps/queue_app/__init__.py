"""The queue fixture app."""
