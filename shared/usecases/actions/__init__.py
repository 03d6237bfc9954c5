"""Actions that may need a second person: one file each, see core.approval."""
