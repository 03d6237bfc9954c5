"""The door to Blob Storage: what is written once and never again."""
