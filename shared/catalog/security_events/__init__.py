"""Which audit events are events of security: one file each, see core.security_event."""
