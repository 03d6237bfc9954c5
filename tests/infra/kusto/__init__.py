"""Kusto queries parsed by Microsoft's own language service."""
