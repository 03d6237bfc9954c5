"""Declarations only: what to collect and what to report. One file adds one thing."""
