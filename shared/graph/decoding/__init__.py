"""Decodes what Graph answers into rows: JSON pages and usage files."""
