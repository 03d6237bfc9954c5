"""What the service is made of: one file each, see core.component."""
