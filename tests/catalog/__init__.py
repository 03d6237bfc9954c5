"""The catalogue grows by files alone."""
