"""What is paid for and what is used."""
