"""The streaming fixture app."""
