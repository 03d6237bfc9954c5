"""Collectors of the security area, one file per dataset."""
