"""The web fixture app."""
