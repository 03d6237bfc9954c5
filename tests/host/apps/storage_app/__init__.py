"""The blob and table fixture app."""
