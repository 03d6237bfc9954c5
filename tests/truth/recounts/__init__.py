"""One file a report: figures of it, counted once more from what the sandbox itself tells.

Each has `recount(world)`, which yields what is counted, what the report says, and what counting says.
Nothing in it is the product's: no dataset, no expression, no threshold.
"""
