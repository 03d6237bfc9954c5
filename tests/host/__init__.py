"""Tests of the local Functions host, against a real Azurite."""
