"""Tables, views, partitions and migrations."""
