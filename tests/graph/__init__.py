"""The Graph door, driven against the sandbox tenant over HTTPS."""
