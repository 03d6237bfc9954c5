"""What Kanri does, one verb per file."""
