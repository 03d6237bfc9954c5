"""The composition root: builds each door once per worker, importing it on first use."""
