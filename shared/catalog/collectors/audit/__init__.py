"""Collectors of the audit area, one file per dataset."""
