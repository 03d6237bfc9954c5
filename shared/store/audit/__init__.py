"""The audit log: events in one chain a tenant, appended and read, never changed."""
