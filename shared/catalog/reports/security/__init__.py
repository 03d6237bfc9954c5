"""Who may do what, under which conditions, with which proof, and what was changed."""
