"""One file per resource of the API: its routes, each declared next to its handler."""
