"""Collectors by area; the dataset id is the file name."""
