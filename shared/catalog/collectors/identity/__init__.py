"""Collectors of the identity area, one file per dataset."""
