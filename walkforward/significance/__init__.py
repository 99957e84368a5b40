"""Is it an edge or did we look too often: pure statistics, one method a file, arrays and numbers in, numbers out."""
