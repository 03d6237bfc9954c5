"""Rows in, bytes out: every file here is a format, named after it, with one FORMAT."""
