"""Infrastructure as code compared with the code that it serves."""
