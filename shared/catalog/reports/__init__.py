"""Reports by area; the report key is the file name."""
