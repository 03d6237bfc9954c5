"""The timer fixture app."""
