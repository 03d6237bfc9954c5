"""Applications: who registered them, with which credentials, and what they are allowed."""
