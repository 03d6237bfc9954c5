"""Collectors of the onedrive area, one file per dataset."""
