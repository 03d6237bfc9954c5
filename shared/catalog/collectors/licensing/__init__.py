"""Collectors of the licensing area, one file per dataset."""
