"""Is it an edge or luck? Pure statistics, one method a file: arrays and numbers in, numbers out, no files and no settings."""
