"""Where Kanri runs; never shipped in the function package."""
