"""What Kanri is connected to: one file each, see core.integration."""
