"""Teams and meetings."""
