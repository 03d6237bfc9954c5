"""Collectors of the exchange area, one file per dataset."""
