"""The embedded stack: Functions host, PostgreSQL, Azurite and the sandbox tenant."""
