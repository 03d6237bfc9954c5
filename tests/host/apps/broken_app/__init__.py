"""The broken fixture app."""
