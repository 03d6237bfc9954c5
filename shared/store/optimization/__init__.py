"""The database's own health: what is looked at, what is done about it, and what was found."""
