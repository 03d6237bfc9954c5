"""Files and storage."""
