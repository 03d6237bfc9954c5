"""The built-in roles: one file each, see core.role."""
