"""Properties that hold for any life of a tenant, any faults and any crash."""
