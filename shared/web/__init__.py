"""Knows HTTP, JSON, CSV and OpenAPI; knows neither Azure nor Graph nor SQL."""
