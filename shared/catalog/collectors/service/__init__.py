"""The services of Microsoft 365 as a whole."""
