"""Is it an edge, or did we look too often: pure statistics over returns, one method a file."""
