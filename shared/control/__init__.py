"""The door to Azure Tables: the small state that must be found when PostgreSQL is not, or not to be believed."""
