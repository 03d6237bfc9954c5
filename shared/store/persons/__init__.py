"""What is stored about one person: found, told, and put under a veil."""
