"""What a sandbox tenant contains: every object is computed from the seed, changes lie on top."""
