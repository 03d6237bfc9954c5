"""Loading what was read: batches, merge, history."""
