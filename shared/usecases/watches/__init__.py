"""What an operator has to know of at once: one file each, see core.watch."""
