"""What pages and tables show, as plain data: each module turns one of a run's files into the words and numbers of one section."""
