"""Compiled parts of the signals of many runs: what is compared, and where signals begin."""
