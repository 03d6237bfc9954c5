"""What several formats write alike: headers, file names, how far the rows can be trusted."""
