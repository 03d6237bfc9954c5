"""Collectors of the teams area, one file per dataset."""
