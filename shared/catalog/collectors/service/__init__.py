"""Collectors of the service area, one file per dataset."""
